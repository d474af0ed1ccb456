// SPDX-License-Identifier: Apache-2.0
// Counters of a range, one pass an occurrence and no replay: a decode step repeats, so each
// occurrence of a range is the same work. Nothing is saved or restored, and the caches are what
// they are in the program.
//
// The first kernels after a start see a dirty L2 (27 MB of writes were seen, and 35 instead of 29
// us, H200). So the profiler starts one range's worth of launches earlier, at an NVTX event of the
// same thread, and what it counts until the range begins is thrown away.
//
// All of it happens in one thread: the one that ends the first wanted occurrence. An occurrence
// whose launches are not those of the first one spoils its collection, which begins anew.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "gate/program/observation.h"
#include "gate/program/program_request.h"
#include "kernels/collect/counter_set.h"
#include "kernels/cupti/profiler_session.h"
#include "kernels/cupti/range_profiler.h"

namespace perfgate {

class OccurrenceCounter {
 public:
  explicit OccurrenceCounter(const ProgramRequest& request);

  // In the thread of the range, from NVTX; `may_start`: no stream captures. They throw DeviceError.
  void event(bool may_start);  ///< any NVTX call
  /// A wanted range begins; `kind` is its name without numbers. Returns whether it is counted: that
  /// is the first kind that one thread has. Ranges inside it, or beside it, are not.
  bool begin(std::size_t name, std::string_view kind);
  void end();  ///< a counted one has ended
  /// In a callback of CUPTI.
  void launched(const char* name);

  bool done() const { return m_state == State::done; }
  bool owns_thread() const { return m_owner == std::this_thread::get_id(); }
  /// "" or the kernel that has not ended for so long that it probably waits for a later one.
  std::string stuck(double now_s) const;
  /// "" or why nothing was counted, once no further occurrence can come.
  std::string incomplete() const;
  void write(Observation& observation) const;

 private:
  enum class State { learning, armed, started, in_range, done };
  void set_up();
  void choose_lead();
  void start();
  void begin_collection();
  void finish_collection();

  const ProgramRequest& m_request;
  CountWhat m_what;
  const char* kept(const char* kernel);
  void launched_elsewhere();

  // Other threads of the program ask for these two, the thread that writes for m_results.
  std::atomic<State> m_state = State::learning;
  std::atomic<std::thread::id> m_owner{};
  mutable std::mutex m_results;  ///< of m_set and m_repetitions, and of what stands before them
  std::size_t m_name = 0;
  std::string m_kind;
  /// CUPTI's names are gone after its callback, and a module may be unloaded: these are ours.
  std::unordered_set<std::string> m_kernel_names;
  std::vector<const char*> m_kernels, m_expected;  ///< launches of this occurrence, of the first
  std::int64_t m_launches = 0;                     ///< since the last begin
  std::vector<std::int64_t> m_events;              ///< m_launches at each event since then
  std::size_t m_lead_event = 0;                    ///< at which event a pass starts
  std::int64_t m_planned_lead = 0;
  std::int64_t m_lead = -1, m_lead_now = 0;  ///< launches between start and begin
  bool m_spoiled = false;
  std::atomic<bool> m_others{false};  ///< other threads' launches were counted, too
  int m_spoilt_collections = 0, m_pass = 0;

  ProfilerSession m_session{};
  std::unique_ptr<MetricHost> m_host;
  CounterSet m_set;
  std::vector<std::uint8_t> m_config;
  int m_passes = 0;
  std::unique_ptr<RangeProfiler> m_profiler;
  std::vector<KernelValues> m_repetitions;
  std::atomic<double> m_heartbeat_s{0};
  std::atomic<const char*> m_last_kernel{nullptr};
};

}  // namespace perfgate
