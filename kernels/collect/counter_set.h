// From metrics to the counters that a chip is asked for, and back.
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
    int passes = 1;                     ///< that its own counters need, with no others beside them
  };
  std::vector<Resolved> metrics;
  std::vector<AbsentMetric> absent;
};

/// Resolves each metric's names on the chip of `host`. What a chip lacks is reported, never
/// dropped in silence.
CounterSet resolve(const std::vector<Metric>& metrics, const MetricHost& host,
                   const std::string& chip);

/// Counter values, in the order of CounterSet::counters, of each kernel: [kernel][counter].
using KernelValues = std::vector<std::vector<double>>;

/// The metrics of one repetition. A metric without a finite value is left out.
std::map<std::string, double> evaluate(const CounterSet& set, const KernelValues& kernels);

/// The metrics of a case over repetitions of its kernels: medians, how well they repeat,
/// and which are in doubt. A metric needs a value in each repetition to be better than noisy.
///
/// Those that must fit each other (metrics_of_one_collection) are no medians of their own, but are
/// taken from the repetition with the median duration; of two in the middle from the shorter one.
///
/// In doubt is what takes more than one pass by itself on a case that spends most of its time in
/// kernels under 20 us: the passes see different runs of the kernel, which for such a one differ by
/// more than the metric changes (a hit rate of 94 to 173 % was seen for 3 us).
CaseMetrics summarize(const CounterSet& set, const std::string& case_id,
                      const std::vector<KernelValues>& repetitions);

}  // namespace perfgate
