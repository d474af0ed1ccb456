// SPDX-License-Identifier: Apache-2.0
// Reads the GPU again and again on a thread of its own while the gate waits for the runner. The
// thread sleeps between readings and calls nothing that the runner waits for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "gate/gpu/gpu_reader.h"

namespace perfgate {

/// This is short compared with every process, and long compared with a reading (below a
/// millisecond).
inline constexpr std::chrono::milliseconds reading_interval{20};

class Sampler {
 public:
  /// Starts at once. `reader` must outlive this object and must not be used elsewhere meanwhile.
  Sampler(const GpuReader& reader, std::chrono::milliseconds interval);
  ~Sampler() { stop(); }
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Ends the thread. The first call returns the readings in order, at least one.
  std::vector<GpuReading> stop();

 private:
  void run();

  const GpuReader& m_reader;
  std::chrono::milliseconds m_interval;
  std::mutex m_mutex;
  std::condition_variable m_wake;
  bool m_stopped = false;
  std::vector<GpuReading> m_readings;
  std::thread m_thread;  // last: it uses all of the above
};

}  // namespace perfgate
