// SPDX-License-Identifier: Apache-2.0
// Records when each kernel, or each whole CUDA graph, ran, by CUPTI's activity records of the GPU's
// own clock.
//
// Hazard: CUPTI inserts its timestamps when work is launched and when a graph is *instantiated*.
// So the order is
//
//   Timeline timeline(TraceOf::graphs);   // 1. before cudaGraphInstantiate
//   instantiate, warm up, launch, ...     // 2. one launching thread
//   Trace trace = timeline.stop();        // 3. before the graph or its kernels are unloaded
//
// and a graph that was instantiated outside this Timeline must not be launched in it. With
// TraceOf::graphs such a graph leaves no record at all: compare graphs.size() with the launches.
// With TraceOf::kernels its kernels are seen, but its copies and memsets may be taken for kernels.
// Never re-use a graph between the two kinds: instantiate one for each.
//
// The first launches under a Timeline also pay for CUPTI's device buffers: warm up inside it and
// leave the warm-up's records out.
//
// Do not use it beside Counters: the range profiler makes launches synchronous. Timing and counters
// never share a process.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace perfgate {

/// One kernel that ran. Times are ns of the GPU's clock mapped to CLOCK_REALTIME; their tick is
/// 32 ns on H100.
struct KernelRecord {
  std::string name;  ///< as CUPTI gives it: mangled; see demangle()
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::array<int, 3> grid{};
  std::array<int, 3> block{};
  int registers = 0;              ///< per thread
  std::int64_t shared_bytes = 0;  ///< per block, static and dynamic
  std::uint32_t correlation = 0;  ///< one per launch; all kernels of a graph launch share it
  bool in_graph = false;
  std::uint32_t stream = 0;  ///< CUPTI's id, not a handle
};

/// One launch of a graph: from the start of its first node to the end of its last.
struct GraphRecord {
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint32_t graph = 0;  ///< CUPTI's id of the graph
};

/// One call of the CPU into the CUDA runtime or driver, on the same clock as the kernels.
struct CallRecord {
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint32_t correlation = 0;  ///< the same as that of the kernel that it launched
};

/// What a Timeline saw, each list sorted by start.
struct Trace {
  std::vector<KernelRecord> kernels;
  std::vector<GraphRecord> graphs;
  std::vector<CallRecord> calls;
  std::size_t dropped = 0;  ///< records that CUPTI lost; above 0 the trace is no evidence
};

/// Which records are taken. CUPTI takes no kernel inside a graph while it traces whole graphs.
enum class TraceOf {
  kernels,  ///< every kernel, in a graph or not
  graphs,   ///< whole graph launches: no overhead between the nodes, and no kernel records
  calls,    ///< every kernel, and every call of the CPU, which makes the calls longer
};

/// Records from construction to stop(). A process can have one at a time: CUPTI's buffers are
/// global.
class Timeline {
 public:
  /// Throws DeviceError without a GPU, CountersUnavailable when CUPTI may not trace here, and
  /// std::logic_error while another Timeline records.
  explicit Timeline(TraceOf what);
  ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  /// Waits for the device, ends the recording and returns it; a second call is a logic_error.
  /// Throws DeviceError, naming the kernel, for a record without a valid start and end.
  Trace stop();

 private:
  TraceOf m_what;
  bool m_recording = true;
};

}  // namespace perfgate
