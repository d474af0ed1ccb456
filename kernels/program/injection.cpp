// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/injection.h"

#include <unistd.h>

#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "kernels/program/clock.h"
#include "kernels/program/driver.h"

namespace perfgate {
namespace {

constexpr std::size_t most_occurrences = 1000000;
constexpr std::size_t most_seen = 1000;
constexpr std::size_t most_failures = 20;

/// Names that differ in numbers alone are occurrences of one range: "my_decode_3_5".
std::string without_numbers(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!digit || out.empty() || out.back() != '#') out += digit ? '#' : c;
  }
  return out;
}

void note(SeenNames& seen, std::string_view domain, std::string_view name) {
  auto key = std::pair(std::string(domain), without_numbers(name));
  const auto found = seen.find(key);
  if (found != seen.end())
    ++found->second.second;
  else if (seen.size() < most_seen)
    seen.emplace(std::move(key), std::pair(std::string(name), std::int64_t{1}));
}

std::string executable_name() {
  std::string path(4096, '\0');
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return path.substr(path.rfind('/') + 1);
}

std::string rank_of_environment() {
  for (const char* variable : {"RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID", "LOCAL_RANK"})
    if (const char* rank = std::getenv(variable)) return rank;
  return "";
}

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
    : m_request(std::move(request)), m_selection(selection_of(m_request)), m_counter(m_request) {
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
      note(state.seen, domain_name, name);
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
      note(m_seen_start_end, domain_name, name);
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
    if (m_done || m_occurrences.size() >= most_occurrences) return no_occurrence;
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
  start_writer();
  if (!m_done && all_seen()) {
    m_context = current_context();
    m_done = true;
    m_wake.notify_all();
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
  if (m_done) return;
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
  m_done = true;
  start_writer();
  m_wake.notify_all();
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
  if (!m_attached || m_done) return;
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
  mark("cuda");
  m_attached = true;
  const bool timing = m_request.mode == ProgramMode::time;
  if (timing && (m_trace_wanted || m_request.source == RangeSource::profiler_api)) trace();
  if (whole_process()) m_process_occurrence = begin("all");
}

void Injection::nvtx_attached() {
  const std::lock_guard lock(m_mutex);
  if (!m_nvtx) mark("nvtx");
  m_nvtx = true;
}

void Injection::fail(std::string why) {
  const std::lock_guard lock(m_mutex);
  if (m_failures.size() < most_failures) m_failures.push_back(std::move(why));
  m_done = true;
  m_wake.notify_all();
  start_writer();
}

void Injection::start_writer() {
  if (std::exchange(m_writing, true)) return;
  std::thread([this] { run_writer(); }).detach();
}

void Injection::run_writer() {
  std::unique_lock lock(m_mutex);
  while (!m_done) {
    m_wake.wait_for(lock, std::chrono::seconds(1));
    if (m_request.mode == ProgramMode::time) continue;
    if (const std::string kernel = m_counter.stuck(now_s()); !kernel.empty()) {
      m_failures.push_back(kernel +
                           " has not ended in 20 s while kernels are serialised: it waits for a "
                           "later one; count the range as a whole");
      m_done = true;
    }
  }
  CUcontext const context = m_context;
  const bool failed = !m_failures.empty();
  lock.unlock();
  // The program may be capturing a graph, which a synchronisation would break.
  while (m_captures > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (context != nullptr && !failed) {
    set_context(context);
    synchronize_context();
  }
  write(!failed, ".json");
}

void Injection::finish() {
  {
    std::unique_lock lock(m_mutex);
    if (m_done && m_writing && await_file(lock)) return;
  }
  if (m_tracing && m_captures == 0) await_device();
  write(m_done, ".ended.json");
}

/// A short program is over before its observation is written, and its exit would end our thread.
/// Returns false when it still waits, such as for a capture that never ends.
bool Injection::await_file(std::unique_lock<std::mutex>& lock) {
  constexpr std::chrono::seconds longest{30};
  return m_wake.wait_for(lock, longest, [this] { return m_file_done; });
}

/// What was launched may still run, and its records are not there before it has ended. A kernel may
/// never end, and the program's exit must not wait for it longer than this.
void Injection::await_device() {
  constexpr std::chrono::seconds longest{5};
  const auto idle = std::make_shared<std::promise<void>>();
  const std::future<void> ended = idle->get_future();
  std::thread([idle, context = current_context()] {
    if (context != nullptr) set_context(context);
    synchronize_context();
    idle->set_value();
  }).detach();
  ended.wait_for(longest);
}

void Injection::write(bool complete, const char* kind) {
  {
    std::unique_lock lock(m_mutex);
    if (std::exchange(m_written, true)) {
      await_file(lock);
      return;
    }
  }
  Observation out;
  out.pid = getpid();
  out.program = executable_name();
  out.rank = rank_of_environment();
  out.complete = complete;
  std::vector<std::size_t> name_of;
  SeenNames seen;
  {
    const std::lock_guard lock(m_mutex);
    out.nvtx = m_nvtx;
    out.names = m_names;
    out.failures = m_failures;
    out.other_threads = m_other_threads;
    for (const Open& open : m_occurrences) name_of.push_back(open.name);
    for (const auto& state : m_threads) {
      const std::lock_guard lock_seen(state->seen_mutex);
      for (const auto& [key, range] : state->seen)
        seen.emplace(key, std::pair(range.first, 0)).first->second.second += range.second;
    }
    for (const auto& [key, range] : m_seen_start_end)
      out.seen.push_back({key.first, range.first, true, range.second});
  }
  for (const auto& [key, range] : seen)
    out.seen.push_back({key.first, range.first, false, range.second});
  try {
    if (m_request.mode == ProgramMode::time)
      m_trace.collect(name_of, out);
    else
      m_counter.write(out);
  } catch (const std::exception& error) {
    out.failures.emplace_back(error.what());
  }
  // Renamed when it is whole: the gate reads it as soon as it is there.
  const std::string file = m_request.folder + "/" + std::to_string(getpid()) + kind;
  {
    std::ofstream stream(file + ".part");
    stream << write_observation(out);
  }
  std::rename((file + ".part").c_str(), file.c_str());
  const std::lock_guard lock(m_mutex);
  m_file_done = true;
  m_wake.notify_all();
}

void Injection::mark(const char* what) {
  std::ofstream(m_request.folder + "/" + std::to_string(getpid()) + "." + what)
      << executable_name();
}

}  // namespace perfgate
