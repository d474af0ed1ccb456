// SPDX-License-Identifier: Apache-2.0
// The state of the injection library in one process: which ranges are open, which launches belong
// to them, and when everything that was asked for has been seen.
//
//   nvtx_hooks ──► Injection ◄── launch_watch (CUPTI's callbacks at each launch)
//                     │
//                     ├── KernelTrace         mode time: when the kernels ran
//                     ├── OccurrenceCounter   modes count_*: their counters
//                     └── ObservationWriter   the file with all of it, and when it is written
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gate/program/observation.h"
#include "gate/program/program_request.h"
#include "gate/program/range_selection.h"
#include "gate/program/thread_ranges.h"
#include "kernels/program/device_work.h"
#include "kernels/program/kernel_trace.h"
#include "kernels/program/last_range.h"
#include "kernels/program/loaded_modules.h"
#include "kernels/program/observation_writer.h"
#include "kernels/program/occurrence_counter.h"
#include "kernels/program/seen_names.h"

namespace perfgate {

/// What one thread has pushed.
struct ThreadState {
  ThreadRanges ranges;
  std::mutex seen_mutex;
  SeenNames seen;
};

class Injection {
 public:
  /// The process's only one; null when the process was not asked for anything, or after a fork.
  static Injection* instance();

  explicit Injection(ProgramRequest request);

  const ProgramRequest& request() const { return m_request; }

  // Of the program's threads, from NVTX. None throws.
  void push(ThreadRanges::Domain domain, std::string_view domain_name, std::string_view name);
  void pop(ThreadRanges::Domain domain);
  void start(std::uint64_t id, std::string_view domain_name, std::string_view name);
  void end(std::uint64_t id);
  /// cudaProfilerStart and cudaProfilerStop.
  void profiler_api(bool starts);
  std::size_t depth(ThreadRanges::Domain domain);

  // Of CUPTI's callbacks. No CUDA call is made here.
  void attached();  ///< CUDA was initialised and the callbacks are on
  bool is_attached() const { return m_attached; }
  void launched(std::uint32_t correlation, CUcontext context, const char* kernel, bool graph);
  void module_loaded(std::span<const std::byte> image) { m_modules.loaded(image); }
  void context_ends(CUcontext context) { m_work.context_ends(context); }
  void node_created(std::uint64_t node);
  void node_cloned(std::uint64_t node, std::uint64_t original);
  void capture(bool begins);

  void nvtx_attached();
  /// The calling thread ends, and this was its state.
  void thread_ended(ThreadState* state);
  void fail(const std::exception& error);
  void fail(std::string why);
  void finish();  ///< at the exit of the process

 private:
  struct Open {
    std::size_t name = 0;
    bool wanted = false;
    bool counted = false;  ///< by m_counter
  };

  /// Nothing more can be counted.
  void counting_ends();
  /// Begins to trace, if that has not been done, once CUDA is there.
  void trace();
  ThreadState& thread();
  std::int64_t begin(std::string_view name, LaunchScope scope);
  void end_occurrence(std::int64_t occurrence);
  // With m_mutex held.
  void close(std::int64_t occurrence);
  void write_when_all_seen();
  bool all_seen() const;
  /// The gate finds the occurrences itself, in all launches of the process.
  bool whole_process() const {
    return m_request.source == RangeSource::all || m_request.source == RangeSource::kernel;
  }
  bool start_end_matches() const;
  // What the writer asks.
  std::string stuck() const;
  void await_launches(bool failed);
  void await_launches_at_exit();
  void compose(Observation& out);

  ProgramRequest m_request;
  RangeSelection m_selection;
  bool m_start_end = false;  ///< a filter means start/end ranges

  /// Held while the process's own range begins or ends (of start/end ranges, of the profiler's
  /// calls), and taken before m_mutex.
  std::mutex m_process_mutex;
  std::int64_t m_process_range = no_occurrence;

  std::mutex m_mutex;                                   ///< of everything below
  std::vector<std::unique_ptr<ThreadState>> m_threads;  ///< those that run
  SeenNames m_seen_of_ended;
  std::vector<std::string> m_names;
  std::unordered_map<std::string, std::size_t> m_name_index;
  std::map<std::string, std::int64_t> m_seen_of;  ///< occurrences by the name without its numbers
  std::vector<Open> m_occurrences;
  std::atomic<std::int64_t> m_open{0};  ///< occurrences that have begun and not ended
  std::int64_t m_open_wanted = 0;       ///< of these, the wanted ones
  /// Those that take the launches of threads without one: the last that has begun and not ended.
  std::vector<std::int64_t> m_process_open;
  /// The open start/end ranges: id -> (domain, name).
  std::map<std::uint64_t, std::pair<std::string, std::string>> m_started;
  SeenNames m_seen_start_end;
  std::int64_t m_other_threads = 0;   ///< launches outside of ranges, while another thread has one
  std::int64_t m_graph_launches = 0;  ///< outside of ranges, of graphs captured in one

  std::atomic<std::int64_t> m_process_occurrence{no_occurrence};  ///< the last of m_process_open
  std::atomic<bool> m_nvtx{false};                                ///< something called it
  std::atomic<bool> m_refused{false};
  std::atomic<bool> m_attached{false}, m_trace_wanted{false}, m_tracing{false};
  std::once_flag m_traced;

  LastRange m_last_range;
  DeviceWork m_work;
  LoadedModules m_modules;
  KernelTrace m_trace;
  OccurrenceCounter m_counter;
  ObservationWriter m_writer;
};

}  // namespace perfgate
