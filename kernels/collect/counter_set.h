// SPDX-License-Identifier: Apache-2.0
// Translates metrics into the counters that a chip is asked for, and counter values back into
// metrics.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gate/record/metric.h"
#include "gate/record/record.h"
#include "kernels/cupti/chips.h"

namespace perfgate {

/// The plan's metrics as one chip can count them.
struct CounterSet {
  std::vector<std::string> counters;  ///< without duplicates; the first is the duration
  struct Resolved {
    Metric metric;
    std::vector<std::size_t> operands;  ///< indices into counters
    int passes = 1;                     ///< that its counters need when no others are collected
  };
  std::vector<Resolved> metrics;
  std::vector<AbsentMetric> absent;
};

/// Resolves each metric's names on the chip of `host`. A metric that the chip lacks is reported as
/// absent, never dropped in silence.
CounterSet resolve(const std::vector<Metric>& metrics, const MetricHost& host,
                   const std::string& chip);

/// The counter values of each kernel, in the order of CounterSet::counters: [kernel][counter].
using KernelValues = std::vector<std::vector<double>>;

/// The metrics of one repetition. A metric without a finite value is left out.
std::map<std::string, double> evaluate(const CounterSet& set, const KernelValues& kernels);

/// The metrics of a case over repetitions of its kernels: medians, how well they repeat, and which
/// are in doubt. A metric without a value in some repetition is noisy.
///
/// Metrics that must fit each other (metrics_of_one_collection) are not medians: all of them come
/// from the repetition with the median duration, or from the shorter one of two in the middle.
///
/// A metric is in doubt when it takes more than one pass by itself and the case spends most of its
/// time in kernels under 20 us. The passes see different runs of a kernel, and runs of a short one
/// differ by more than the metric changes (a hit rate of 94 to 173 % was seen for 3 us).
CaseMetrics summarize(const CounterSet& set, const std::string& case_id,
                      const std::vector<KernelValues>& repetitions);

}  // namespace perfgate
