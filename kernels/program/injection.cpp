// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/injection.h"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <utility>

#include "kernels/cupti/cupti_check.h"
#include "kernels/program/clock.h"

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

/// What may stand behind a call of CUPTI that failed while counting, and that it gives no reason
/// for.
std::string hint_at_mps(std::string_view failure) {
  const char* const folder = std::getenv("CUDA_MPS_PIPE_DIRECTORY");
  const std::string control =
      std::string(folder != nullptr ? folder : "/tmp/nvidia-mps") + "/control";
  if (!failure.starts_with("cupti") || access(control.c_str(), F_OK) != 0) return "";
  return "; " + control +
         " is there, and clients of MPS have no counters: `echo quit | nvidia-cuda-mps-control`";
}

}  // namespace

Injection::Injection(ProgramRequest request)
    : m_request(std::move(request)),
      m_selection(selection_of(m_request)),
      m_last_range(m_request.folder + "/" + std::to_string(getpid()) + ".last"),
      m_counter(m_request),
      m_writer(m_request.folder,
               {[this] { return stuck(); }, [this](bool failed) { await_launches(failed); },
                [this] { await_launches_at_exit(); }, [this](Observation& out) { compose(out); }}) {
  for (const RangeFilter& filter : m_selection.include)
    m_start_end = m_start_end || !is_push_pop(filter);
}

namespace {

/// The calling thread's state. It is a plain value, so that a call that arrives while the thread
/// ends finds what it needs.
struct CurrentThread {
  Injection* injection = nullptr;  ///< whose state it is: a forked child has another one
  ThreadState* state = nullptr;
};
thread_local CurrentThread current_thread;

/// Hands the state over when the thread ends.
struct AtThreadEnd {
  ~AtThreadEnd() {
    const CurrentThread ended = std::exchange(current_thread, {});
    if (ended.injection == nullptr || ended.injection != Injection::instance()) return;
    try {
      ended.injection->thread_ended(ended.state);
    } catch (const std::exception&) {
      // Memory is short: what the thread has seen is not told.
    }
  }
};

}  // namespace

ThreadState& Injection::thread() {
  if (current_thread.injection != this) {
    thread_local AtThreadEnd at_end;
    auto state = std::make_unique<ThreadState>();
    const std::lock_guard lock(m_mutex);
    current_thread = {this, m_threads.emplace_back(std::move(state)).get()};
  }
  return *current_thread.state;
}

void Injection::counting_ends() {
  if (m_request.mode == ProgramMode::time || m_writer.done()) return;
  if (std::string why = m_counter.incomplete(); !why.empty()) fail(std::move(why));
}

void Injection::thread_ended(ThreadState* state) {
  if (m_counter.owns_thread()) counting_ends();
  const std::lock_guard lock(m_mutex);
  m_seen_of_ended.add(state->seen);
  // Its ranges can't be popped any more.
  for (const std::int64_t occurrence : state->ranges.occurrences()) close(occurrence);
  std::erase_if(m_threads, [&](const auto& entry) { return entry.get() == state; });
  write_when_all_seen();
}

void Injection::push(ThreadRanges::Domain domain, std::string_view domain_name,
                     std::string_view name) {
  try {
    m_nvtx = true;
    ThreadState& state = thread();
    {
      const std::lock_guard lock(state.seen_mutex);
      state.seen.note(domain_name, name);
    }
    if (m_request.mode != ProgramMode::time) m_counter.event(!m_work.captures());
    const auto begun = state.ranges.push(m_selection, domain, domain_name, name);
    if (begun) state.ranges.opened(begin(*begun, m_request.scope));
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Injection::pop(ThreadRanges::Domain domain) {
  try {
    if (const auto ended = thread().ranges.pop(m_selection, domain)) end_occurrence(*ended);
    if (m_request.mode != ProgramMode::time) m_counter.event(!m_work.captures());
  } catch (const std::exception& error) {
    fail(error);
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
    m_nvtx = true;
    const std::lock_guard turn(m_process_mutex);
    bool begins = false;
    {
      const std::lock_guard lock(m_mutex);
      m_started[id] = {std::string(domain_name), std::string(name)};
      m_seen_start_end.note(domain_name, name);
      begins = m_start_end && m_process_range == no_occurrence && start_end_matches();
    }
    if (begins) m_process_range = begin(name, LaunchScope::process);
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Injection::end(std::uint64_t id) {
  try {
    const std::lock_guard turn(m_process_mutex);
    bool ends = false;
    {
      const std::lock_guard lock(m_mutex);
      m_started.erase(id);
      ends = m_start_end && m_process_range != no_occurrence && !start_end_matches();
    }
    if (ends) end_occurrence(std::exchange(m_process_range, no_occurrence));
  } catch (const std::exception& error) {
    fail(error);
  }
}

void Injection::profiler_api(bool starts) {
  if (m_request.source != RangeSource::profiler_api) return;
  const std::lock_guard turn(m_process_mutex);
  if (starts && m_process_range == no_occurrence)
    m_process_range = begin("profiler-api", LaunchScope::process);
  else if (!starts && m_process_range != no_occurrence)
    end_occurrence(std::exchange(m_process_range, no_occurrence));
}

std::int64_t Injection::begin(std::string_view name, LaunchScope scope) {
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
    if (!whole_process()) m_last_range.begins(name, number + 1);
    ++m_open;
    if (wanted) ++m_open_wanted;
    if (scope == LaunchScope::process) m_process_open.push_back(number);
    m_process_occurrence = m_process_open.empty() ? no_occurrence : m_process_open.back();
  }
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
  bool counted = false;
  {
    const std::lock_guard lock(m_mutex);
    counted = m_occurrences[static_cast<std::size_t>(occurrence)].counted;
  }
  if (counted) m_counter.end();
  const std::lock_guard lock(m_mutex);
  close(occurrence);
  write_when_all_seen();
}

void Injection::close(std::int64_t occurrence) {
  m_writer.start();
  --m_open;
  if (m_occurrences[static_cast<std::size_t>(occurrence)].wanted) --m_open_wanted;
  std::erase(m_process_open, occurrence);
  m_process_occurrence = m_process_open.empty() ? no_occurrence : m_process_open.back();
}

void Injection::write_when_all_seen() {
  if (!m_writer.done() && all_seen()) m_writer.seen_all();
}

bool Injection::all_seen() const {
  if (m_request.mode != ProgramMode::time) return m_counter.done();
  // One that is open, in another thread or around the one that has just ended, still launches.
  // Ranges of a process without CUDA launch nothing: it may be about to start one with.
  if (whole_process() || m_open_wanted > 0 || !m_attached) return false;
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
    if (!m_occurrences[static_cast<std::size_t>(occurrence)].wanted) return;
    m_trace.launched(correlation, occurrence);
    m_work.launches(context);
    return;
  }
  if (m_open > 0) {
    const std::lock_guard lock(m_mutex);
    ++m_other_threads;
  }
  if (!graph || !m_trace.captured_any()) return;
  m_trace.graph_launched(correlation);
  m_work.launches(context);
  const std::lock_guard lock(m_mutex);
  // One more than is wanted: this launch may not have reached the device yet.
  if (++m_graph_launches < m_request.skip + m_request.occurrences + 1) return;
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
  m_work.capture(begins);
  // A range may open within the capture, when it is too late to begin.
  if (begins && m_request.mode == ProgramMode::time) trace();
}

void Injection::attached() {
  m_writer.mark("cuda");
  m_attached = true;
  const bool timing = m_request.mode == ProgramMode::time;
  if (timing && (m_trace_wanted || m_request.source == RangeSource::profiler_api)) trace();
  if (whole_process()) begin("all", LaunchScope::process);
}

void Injection::nvtx_attached() {
  if (!m_nvtx.exchange(true)) m_writer.mark("nvtx");
}

void Injection::fail(const std::exception& error) {
  if (dynamic_cast<const CountersUnavailable*>(&error) != nullptr) m_refused = true;
  const bool counts = m_request.mode != ProgramMode::time;
  fail(error.what() + (counts ? hint_at_mps(error.what()) : std::string()));
}

void Injection::fail(std::string why) {
  m_writer.fail(std::move(why));
}

void Injection::finish() {
  // A forked child that has no use for CUDA has nothing to tell: its parent had called NVTX.
  if (!m_attached && !m_nvtx && !m_writer.done()) return;
  counting_ends();
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
  m_work.await_captures();
  if (!failed) m_work.wait();
}

void Injection::await_launches_at_exit() {
  if (m_tracing && !m_work.captures()) m_work.wait_at_exit();
}

void Injection::compose(Observation& out) {
  std::vector<std::size_t> name_of;
  SeenNames seen;
  {
    const std::lock_guard lock(m_mutex);
    seen = m_seen_of_ended;
    out.nvtx = m_nvtx;
    out.refused = m_refused;
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
    m_trace.collect(name_of, m_modules, out);
  else
    m_counter.write(out);
}

}  // namespace perfgate
