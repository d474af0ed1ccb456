// SPDX-License-Identifier: Apache-2.0
// Hardware counters of each kernel: CUPTI's range profiler, AutoRange + UserReplay.
//
//   Phases phases("counting");
//   Counters counters({"gpu__time_duration.sum", "dram__bytes_read.sum"}, phases);
//   auto values = counters.collect(kernels, [&] { step.reset(); }, [&] { step.run(0); });
//   values[k][c]   // the k-th kernel that the second function launched, the c-th counter
//
// Hazard: a value is put together from several passes, so the work must be the same in each. What
// ran before a kernel decides what the caches hold, so `prepare` is part of the measurement.
//
// AutoRange waits for the device after each launch. So inside `profiled` kernels never overlap, a
// kernel must not wait for a later one (it would hang), and host time means nothing. Launch plain
// kernels there, not graphs. Copies and memsets are not ranges.
//
// While it counts, this process must be the only profiler on the GPU: a second one (DCGM, ncu)
// fails or makes this one fail. Do not use it beside a Timeline: timing and counters never share a
// process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/cuda/phases.h"
#include "kernels/cupti/chips.h"

namespace perfgate {

/// A fixed set of counters on the current device.
class Counters {
 public:
  /// Checks the device, the names and the rights, so that no measurement begins that would be
  /// refused later. Throws CountersUnavailable when this machine will not count, DeviceError for an
  /// absent name or any other failure. The first object in a process takes 0.25 to 0.8 s, and all
  /// objects must be made on the same device. collect() reports its phases to `phases`, which must
  /// outlive this object.
  Counters(std::vector<std::string> counters, Phases& phases);

  const std::string& chip() const { return m_chip; }
  int passes() const { return m_passes; }

  /// In each pass `prepare` runs unprofiled, to its end on the device, and then `profiled`, which
  /// launches `kernels` kernels. Returns one vector of values, in the order of the counters, for
  /// each kernel in the order of launches. Throws DeviceError when another number of kernels was
  /// seen or the passes do not come to an end. May be called many times.
  std::vector<std::vector<double>> collect(std::size_t kernels,
                                           const std::function<void()>& prepare,
                                           const std::function<void()>& profiled);

 private:
  std::vector<std::string> m_counters;
  std::string m_chip;
  MetricHost m_host;
  std::vector<std::uint8_t> m_config;
  int m_passes;
  Phases* m_phases;
};

}  // namespace perfgate
