// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/injection.h"

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "kernels/program/clock.h"
#include "kernels/program/driver.h"

namespace perfgate {
namespace {

constexpr std::size_t most_occurrences = 1000000;

RangeSelection selection_of(const ProgramRequest& request) {
  RangeSelection selection;
  for (const std::string& text : request.include)
    selection.include.push_back(parse_range_filter(text));
  for (const std::string& text : request.exclude)
    selection.exclude.push_back(parse_range_filter(text));
  return selection;
}

}  // namespace

Injection::Injection(ProgramRequest request)
    : m_request(std::move(request)),
      m_selection(selection_of(m_request)),
      m_counter(m_request),
      m_writer(m_request.folder,
               {[this] { return stuck(); }, [this](bool failed) { await_launches(failed); },
                [this] { await_device(); }, [this](Observation& out) { compose(out); }}) {
  for (const RangeFilter& filter : m_selection.include)
    m_start_end = m_start_end || !is_push_pop(filter);
}

ThreadState& Injection::thread() {
  thread_local std::shared_ptr<ThreadState> state;
  if (state == nullptr) {
    state = std::make_shared<ThreadState>();
    const std::lock_guard lock(m_mutex);
    m_threads.push_back(state);
  }
  return *state;
}

void Injection::push(ThreadRanges::Domain domain, std::string_view domain_name,
                     std::string_view name) {
  try {
    ThreadState& state = thread();
    {
      const std::lock_guard lock(state.seen_mutex);
      state.seen.note(domain_name, name);
    }
    if (m_request.mode != ProgramMode::time) m_counter.event(m_captures == 0);
    const auto begun = state.ranges.push(m_selection, domain, domain_name, name);
    if (begun) state.ranges.opened(begin(*begun));
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

void Injection::pop(ThreadRanges::Domain domain) {
  try {
    if (const auto ended = thread().ranges.pop(m_selection, domain)) end_occurrence(*ended);
    if (m_request.mode != ProgramMode::time) m_counter.event(m_captures == 0);
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

std::size_t Injection::depth(ThreadRanges::Domain domain) {
  return thread().ranges.depth(domain);
}

bool Injection::start_end_matches() const {
  std::vector<OpenRange> open;
  for (const auto& [id, range] : m_started) open.push_back({range.first, range.second});
  for (const RangeFilter& filter : m_selection.include)
    if (!is_push_pop(filter) && match_start_end(filter, open)) return true;
  return false;
}

void Injection::start(std::uint64_t id, std::string_view domain_name, std::string_view name) {
  try {
    bool begins = false;
    {
      const std::lock_guard lock(m_mutex);
      m_started[id] = {std::string(domain_name), std::string(name)};
      m_seen_start_end.note(domain_name, name);
      begins = m_start_end && m_process_occurrence == no_occurrence && start_end_matches();
    }
    if (begins) m_process_occurrence = begin(name);
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

void Injection::end(std::uint64_t id) {
  try {
    bool ends = false;
    {
      const std::lock_guard lock(m_mutex);
      m_started.erase(id);
      ends = m_start_end && m_process_occurrence != no_occurrence && !start_end_matches();
    }
    if (ends) end_occurrence(m_process_occurrence.exchange(no_occurrence));
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

void Injection::profiler_api(bool starts) {
  if (m_request.source != RangeSource::profiler_api) return;
  if (starts && m_process_occurrence == no_occurrence)
    m_process_occurrence = begin("profiler-api");
  else if (!starts && m_process_occurrence != no_occurrence)
    end_occurrence(m_process_occurrence.exchange(no_occurrence));
}

std::int64_t Injection::begin(std::string_view name) {
  std::int64_t number = 0;
  std::size_t index = 0;
  bool wanted = false;
  const std::string kind = without_numbers(name);
  {
    const std::lock_guard lock(m_mutex);
    if (m_writer.done() || m_occurrences.size() >= most_occurrences) return no_occurrence;
    const auto [at, added] = m_name_index.emplace(std::string(name), m_names.size());
    if (added) m_names.emplace_back(name);
    index = at->second;
    const std::int64_t earlier = m_seen_of[kind]++;
    const bool timing = m_request.mode == ProgramMode::time;
    wanted = whole_process() || (earlier >= m_request.skip &&
                                 (!timing || earlier < m_request.skip + m_request.occurrences));
    number = static_cast<std::int64_t>(m_occurrences.size());
    m_occurrences.push_back({index, wanted, false});
    ++m_open;
  }
  if (m_request.scope == LaunchScope::process) m_process_occurrence = number;
  if (m_request.mode == ProgramMode::time) {
    trace();
  } else if (wanted && m_counter.begin(index, kind)) {
    const std::lock_guard lock(m_mutex);
    m_occurrences[static_cast<std::size_t>(number)].counted = true;
  }
  return number;
}

void Injection::end_occurrence(std::int64_t occurrence) {
  if (occurrence == no_occurrence) return;
  if (m_request.scope == LaunchScope::process) m_process_occurrence = no_occurrence;
  bool counted = false;
  {
    const std::lock_guard lock(m_mutex);
    counted = m_occurrences[static_cast<std::size_t>(occurrence)].counted;
  }
  if (counted) m_counter.end();
  const std::lock_guard lock(m_mutex);
  --m_open;
  m_writer.start();
  if (!m_writer.done() && all_seen()) {
    m_context = current_context();
    m_writer.seen_all();
  }
}

bool Injection::all_seen() const {
  if (m_request.mode != ProgramMode::time) return m_counter.done();
  if (whole_process()) return false;
  for (const auto& [name, count] : m_seen_of)
    if (count < m_request.skip + m_request.occurrences) return false;
  return !m_seen_of.empty();
}

void Injection::launched(std::uint32_t correlation, CUcontext context, const char* kernel,
                         bool graph) {
  std::int64_t occurrence = thread().ranges.current();
  if (occurrence == no_occurrence) occurrence = m_process_occurrence;
  if (m_request.mode != ProgramMode::time) {
    m_counter.launched(kernel);
    return;
  }
  if (m_writer.done()) return;
  if (occurrence != no_occurrence) {
    const std::lock_guard lock(m_mutex);
    if (m_occurrences[static_cast<std::size_t>(occurrence)].wanted)
      m_trace.launched(correlation, occurrence);
    return;
  }
  if (m_open > 0) {
    const std::lock_guard lock(m_mutex);
    ++m_other_threads;
  }
  if (!graph || !m_trace.captured_any()) return;
  m_trace.graph_launched(correlation);
  const std::lock_guard lock(m_mutex);
  // One more than is wanted: this launch may not have reached the device yet.
  if (++m_graph_launches < m_request.skip + m_request.occurrences + 1) return;
  m_context = context;
  m_writer.seen_all();
  m_writer.start();
}

void Injection::node_created(std::uint64_t node) {
  std::int64_t occurrence = thread().ranges.current();
  if (occurrence == no_occurrence) occurrence = m_process_occurrence;
  if (occurrence == no_occurrence) return;
  std::size_t name = 0;
  {
    const std::lock_guard lock(m_mutex);
    name = m_occurrences[static_cast<std::size_t>(occurrence)].name;
  }
  m_trace.node_captured(node, name);
}

void Injection::node_cloned(std::uint64_t node, std::uint64_t original) {
  m_trace.node_cloned(node, original);
}

// CUPTI's records cost each launch a microsecond, so a program pays from its first wanted range on.
// They are never switched off again: correlation ids of graph launches are wrong in a second
// session (CUDA 13.0).
void Injection::trace() {
  m_trace_wanted = true;
  if (!m_attached || m_writer.done()) return;
  std::call_once(m_traced, [this] {
    m_trace.enable(m_request.whole_graphs);
    m_tracing = true;
  });
}

void Injection::capture(bool begins) {
  m_captures += begins ? 1 : -1;
  // A range may open within the capture, when it is too late to begin.
  if (begins && m_request.mode == ProgramMode::time) trace();
}

void Injection::attached() {
  m_writer.mark("cuda");
  m_attached = true;
  const bool timing = m_request.mode == ProgramMode::time;
  if (timing && (m_trace_wanted || m_request.source == RangeSource::profiler_api)) trace();
  if (whole_process()) m_process_occurrence = begin("all");
}

void Injection::nvtx_attached() {
  const std::lock_guard lock(m_mutex);
  if (!m_nvtx) m_writer.mark("nvtx");
  m_nvtx = true;
}

void Injection::fail(std::string why) {
  m_writer.fail(std::move(why));
}

void Injection::finish() {
  m_writer.finish();
}

std::string Injection::stuck() const {
  if (m_request.mode == ProgramMode::time) return "";
  const std::string kernel = m_counter.stuck(now_s());
  if (kernel.empty()) return "";
  return kernel +
         " has not ended in 20 s while kernels are serialised: it waits for a later one; count the "
         "range as a whole";
}

void Injection::await_launches(bool failed) {
  CUcontext context = nullptr;
  {
    const std::lock_guard lock(m_mutex);
    context = m_context;
  }
  // The program may be capturing a graph, which a synchronisation would break.
  while (m_captures > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (context == nullptr || failed) return;
  set_context(context);
  synchronize_context();
}

/// What was launched may still run, and its records are not there before it has ended. A kernel may
/// never end, and the program's exit must not wait for it longer than this.
void Injection::await_device() {
  constexpr std::chrono::seconds longest{5};
  if (!m_tracing || m_captures != 0) return;
  const auto idle = std::make_shared<std::promise<void>>();
  const std::future<void> ended = idle->get_future();
  std::thread([idle, context = current_context()] {
    if (context != nullptr) set_context(context);
    synchronize_context();
    idle->set_value();
  }).detach();
  ended.wait_for(longest);
}

void Injection::compose(Observation& out) {
  std::vector<std::size_t> name_of;
  SeenNames seen;
  {
    const std::lock_guard lock(m_mutex);
    out.nvtx = m_nvtx;
    out.names = m_names;
    out.other_threads = m_other_threads;
    for (const Open& open : m_occurrences) name_of.push_back(open.name);
    for (const auto& state : m_threads) {
      const std::lock_guard lock_seen(state->seen_mutex);
      seen.add(state->seen);
    }
    m_seen_start_end.append_to(out.seen, true);
  }
  seen.append_to(out.seen, false);
  if (m_request.mode == ProgramMode::time)
    m_trace.collect(name_of, out);
  else
    m_counter.write(out);
}

}  // namespace perfgate
