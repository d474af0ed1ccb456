// SPDX-License-Identifier: Apache-2.0
#include "gate/record/samples.h"

#include <numeric>

#include "gate/util/stats.h"

namespace perfgate {

Timing timing_of(const std::string& case_id, const std::vector<Samples>& placements) {
  Timing timing;
  timing.case_id = case_id;
  Samples samples_s;
  for (const Samples& placement : placements) {
    timing.placements_s.push_back(interquartile_mean(placement));
    samples_s.insert(samples_s.end(), placement.begin(), placement.end());
  }
  // Not the interquartile mean of all samples: it would leave out the fastest and slowest places.
  timing.iq_mean_s = std::accumulate(timing.placements_s.begin(), timing.placements_s.end(), 0.0) /
                     static_cast<double>(timing.placements_s.size());
  timing.count = static_cast<std::int64_t>(samples_s.size());
  timing.median_s = median(samples_s);
  timing.q1_s = quantile(samples_s, 0.25);
  timing.q3_s = quantile(samples_s, 0.75);
  timing.min_s = quantile(samples_s, 0);
  timing.max_s = quantile(samples_s, 1);
  timing.samples_s = std::move(samples_s);
  return timing;
}

LaunchTimes times_of(std::size_t launch, const Samples& durations_s) {
  return {launch,
          static_cast<int>(durations_s.size()),
          std::accumulate(durations_s.begin(), durations_s.end(), 0.0),
          median(durations_s),
          quantile(durations_s, 0),
          quantile(durations_s, 1)};
}

}  // namespace perfgate
