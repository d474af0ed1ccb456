// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/occurrence_counter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gate/util/demangle.h"
#include "kernels/cuda/cuda_check.h"
#include "kernels/program/clock.h"
#include "kernels/program/driver.h"

namespace perfgate {
namespace {

constexpr double stuck_after_s = 20;
constexpr int most_spoilt_collections = 10;
/// Of launches and of NVTX calls that are kept between two occurrences.
constexpr std::size_t most_kept = 100000;
/// Of occurrences whose number of launches varies a little: ranges beyond are dropped by CUPTI.
constexpr std::int64_t spare_ranges = 64;
constexpr const char* range_name = "0";

void synchronize() {
  if (!synchronize_context()) throw DeviceError("cuCtxSynchronize failed while counting");
}

}  // namespace

OccurrenceCounter::OccurrenceCounter(const ProgramRequest& request)
    : m_request(request),
      m_what(request.mode == ProgramMode::count_kernels ? CountWhat::kernels : CountWhat::ranges) {}

void OccurrenceCounter::event(bool may_start) {
  if (m_state == State::done || !owns_thread()) return;
  const std::size_t number = m_events.size();
  if (number < most_kept) m_events.push_back(m_launches);
  if (m_state == State::armed && number == m_lead_event && may_start) start();
}

void OccurrenceCounter::start() {
  synchronize();
  m_profiler->start();
  m_lead_now = 0;
  m_spoiled = false;
  m_state = State::started;
}

bool OccurrenceCounter::begin(std::size_t name, std::string_view kind) {
  if (m_state == State::done) return false;
  std::thread::id none;
  if (m_owner.compare_exchange_strong(none, std::this_thread::get_id())) {
    m_name = name;
    m_kind = kind;
  }
  if (!owns_thread() || kind != m_kind) return false;
  if (m_state == State::learning && m_host != nullptr) {
    choose_lead();
    begin_collection();
    m_state = State::armed;
  }
  if (m_state == State::started) {
    if (m_lead < 0) m_lead = m_lead_now;
    m_spoiled = m_spoiled || m_lead_now != m_lead;
    if (m_what == CountWhat::ranges) {
      synchronize();
      m_profiler->push(range_name);
    }
    m_state = State::in_range;
    m_heartbeat_s = now_s();
  }
  m_kernels.clear();
  m_launches = 0;
  m_events.assign(1, 0);  // the begin itself is the first event
  if (m_state == State::armed && m_lead_event == 0) start();
  return true;
}

void OccurrenceCounter::choose_lead() {
  // The latest event that has at least a range's worth of launches before the next begin.
  const auto enough = static_cast<std::int64_t>(m_expected.size());
  m_lead_event = 0;
  for (std::size_t i = 0; i < m_events.size(); ++i)
    if (m_launches - m_events[i] >= enough) m_lead_event = i;
  m_planned_lead = m_launches - m_events[m_lead_event];
}

void OccurrenceCounter::begin_collection() {
  m_profiler.reset();  // two range profilers of a process exclude each other
  m_pass = 0;
  m_lead = -1;
  const std::size_t kernels =
      m_expected.size() + static_cast<std::size_t>(m_planned_lead + spare_ranges);
  m_profiler = std::make_unique<RangeProfiler>(m_session.context, m_what, m_set.counters, m_config,
                                               m_what == CountWhat::ranges ? 1 : kernels);
}

const char* OccurrenceCounter::kept(const char* kernel) {
  return m_kernel_names.emplace(kernel != nullptr ? kernel : "").first->c_str();
}

void OccurrenceCounter::launched(const char* name) {
  if (m_state == State::done) return;
  if (!owns_thread()) return launched_elsewhere();
  const char* const kernel = kept(name);
  ++m_launches;
  if (m_state == State::started) ++m_lead_now;
  if (m_kernels.size() < most_kept) m_kernels.push_back(kernel);
  m_last_kernel = kernel;
  m_heartbeat_s = now_s();
}

/// The profiler counts a context's launches, whichever thread they come from.
void OccurrenceCounter::launched_elsewhere() {
  const State state = m_state;
  if (state == State::learning && m_request.scope == LaunchScope::process) m_others = true;
  const bool of_range = state == State::in_range && m_what == CountWhat::ranges &&
                        m_request.scope == LaunchScope::process;
  if ((state == State::started || state == State::in_range) && !of_range) m_others = true;
}

void OccurrenceCounter::end() {
  if (m_state == State::done || !owns_thread()) return;
  if (m_state == State::learning && m_host == nullptr) {
    if (m_others.exchange(false))
      throw DeviceError(
          "other threads than the range's own launch its kernels, and have no "
          "counters");
    m_expected = m_kernels;
    if (!m_expected.empty()) set_up();
    return;
  }
  if (m_state != State::in_range) return;
  if (m_what == CountWhat::ranges) {
    synchronize();
    m_profiler->pop();
  }
  synchronize();
  const bool last = m_profiler->stop();
  m_heartbeat_s = 0;
  const auto same = [](const char* a, const char* b) { return std::strcmp(a, b) == 0; };
  m_spoiled = m_spoiled || !std::equal(m_kernels.begin(), m_kernels.end(), m_expected.begin(),
                                       m_expected.end(), same);
  m_state = State::armed;
  const bool others = m_others.exchange(false);
  if (m_spoiled || others) {
    if (++m_spoilt_collections > most_spoilt_collections)
      throw DeviceError(std::string(others
                                        ? "other threads launch kernels while the range is counted"
                                        : "the launches of the range differ between its "
                                          "occurrences") +
                        ": " + std::to_string(m_spoilt_collections) +
                        " collections of counters were spoilt by it");
    begin_collection();
  } else if (last) {
    finish_collection();
  } else if (++m_pass > 2 * m_passes + 2) {
    throw DeviceError("the counters need more passes than planned");
  }
}

void OccurrenceCounter::set_up() {
  CUcontext context = current_context();
  if (context == nullptr) throw DeviceError("the range's thread has no CUDA context");
  m_session = open_profiler_session(context, current_device());
  m_host = std::make_unique<MetricHost>(m_session.chip, m_session.availability);
  {
    const std::lock_guard lock(m_results);
    m_set = resolve(m_request.metrics, *m_host, m_session.chip);
    m_passes = m_host->passes(m_set.counters);
  }
  m_config = m_host->config_image(m_set.counters);
}

void OccurrenceCounter::finish_collection() {
  const std::vector<std::uint8_t>& data = m_profiler->decode();
  KernelValues values;
  for (const std::size_t range : ranges_in_launch_order(data))
    values.push_back(m_host->evaluate(data, range, m_set.counters));
  const std::size_t kernels = m_what == CountWhat::ranges ? 1 : m_expected.size();
  if (values.size() < kernels)
    throw DeviceError("the profiler saw " + std::to_string(values.size()) + " kernels, " +
                      std::to_string(kernels) + " were launched");
  values.erase(values.begin(), values.end() - static_cast<std::ptrdiff_t>(kernels));  // the lead-in
  {
    const std::lock_guard lock(m_results);
    m_repetitions.push_back(std::move(values));
  }
  if (static_cast<int>(m_repetitions.size()) < m_request.repetitions) {
    begin_collection();
    return;
  }
  m_profiler.reset();
  m_state = State::done;
}

std::string OccurrenceCounter::stuck(double at_s) const {
  const double since_s = m_heartbeat_s;
  if (since_s == 0 || at_s - since_s < stuck_after_s || m_what != CountWhat::kernels) return "";
  const char* kernel = m_last_kernel;
  return demangle(kernel != nullptr ? kernel : "a kernel");
}

std::string OccurrenceCounter::incomplete() const {
  const std::lock_guard lock(m_results);
  if (m_owner.load() == std::thread::id() || !m_repetitions.empty()) return "";
  return "the program, or the thread that has the range, ended before its counters were complete: "
         "each pass over them needs an occurrence" +
         (m_passes > 0 ? ", and there are " + std::to_string(m_passes) + " passes" : std::string());
}

void OccurrenceCounter::write(Observation& observation) const {
  const std::lock_guard lock(m_results);
  observation.absent = m_set.absent;
  if (m_repetitions.empty()) return;
  CountedRange counted;
  counted.name = m_name;
  counted.passes = m_passes;
  counted.repetitions = static_cast<int>(m_repetitions.size());
  for (const char* kernel : m_expected) counted.operators.push_back(demangle(kernel));
  counted.whole = summarize(m_set, "", m_repetitions);
  for (std::size_t k = 0; m_what == CountWhat::kernels && k < m_expected.size(); ++k) {
    std::vector<KernelValues> kernel;
    for (const KernelValues& repetition : m_repetitions) kernel.push_back({repetition[k]});
    counted.kernels.push_back(summarize(m_set, std::to_string(k), kernel));
  }
  observation.counted.push_back(std::move(counted));
}

}  // namespace perfgate
