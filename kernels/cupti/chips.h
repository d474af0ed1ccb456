// SPDX-License-Identifier: Apache-2.0
// Says what can be counted on a chip and in how many passes, and reads counter images, through
// CUPTI's host API, which needs neither a GPU nor a driver.
//
//   MetricHost host("GH100");
//   if (host.exists("dram__bytes_read.sum")) ...
//   host.passes({"gpu__time_duration.sum", "lts__t_sector_hit_rate.pct"});
//
// Counter names are complete: `unit__what.rollup[.submetric]` for a counter
// ("sm__inst_executed.sum", "sm__inst_executed.avg.per_cycle_elapsed"), `.submetric` for a ratio
// ("lts__t_sector_hit_rate.pct").
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct CUpti_Profiler_Host_Object;

namespace perfgate {

/// The number of CUPTI's interface that this was built with.
int cupti_version();

/// The chips that this CUPTI can count on ("GA100", "GH100", "GB202", ...), in CUPTI's order.
std::vector<std::string> supported_chips();

struct CloseMetricHost {
  void operator()(CUpti_Profiler_Host_Object* host) const;
};
using MetricHostHandle = std::unique_ptr<CUpti_Profiler_Host_Object, CloseMetricHost>;

/// One chip's metrics. Every call may throw DeviceError. Not thread-safe.
class MetricHost {
 public:
  /// `availability` is what the device at hand can count (cuptiProfilerGetCounterAvailability); it
  /// is copied. Empty stands for all counters of the chip, which may be more than a device can
  /// count. A chip without counters is a DeviceError that lists the chips that have some.
  explicit MetricHost(const std::string& chip, std::span<const std::uint8_t> availability = {});

  /// True when this complete name can be scheduled. A bare metric ("sm__inst_executed"), a wrong
  /// rollup or a wrong submetric is false. Takes about 2 ms per name.
  bool exists(const std::string& counter) const;

  /// Returns how often the work must be run to count exactly these. The passes of two sets together
  /// are neither the sum nor the maximum of both: ask for the set that will be collected.
  int passes(const std::vector<std::string>& counters) const;

  /// Returns the schedule for exactly these. CUPTI refuses a whole set for one bad name without
  /// telling which; the DeviceError of this function names the bad ones.
  std::vector<std::uint8_t> config_image(const std::vector<std::string>& counters) const;

  /// Returns the values of `counters`, in their order, in one range of a decoded counter data
  /// image. A ratio of zero to zero (a hit rate without lookups) may be NaN.
  std::vector<double> evaluate(std::span<const std::uint8_t> counter_data, std::size_t range_index,
                               const std::vector<std::string>& counters) const;

 private:
  MetricHostHandle open() const;

  std::string m_chip;
  std::vector<std::uint8_t> m_availability;
  MetricHostHandle m_host;
};

}  // namespace perfgate
