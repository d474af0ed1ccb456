// From metrics to the counters that a chip is asked for, and back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/metric.h"
#include "gate/record.h"
#include "kernels/probe/chips.h"

namespace perfgate {

/// The plan's metrics as one chip can count them.
struct CounterSet {
  std::vector<std::string> counters;  ///< without duplicates; the first is the duration
  struct Resolved {
    Metric metric;
    std::vector<std::size_t> operands;  ///< indices into counters
  };
  std::vector<Resolved> metrics;
  std::vector<AbsentMetric> absent;
};

/// Resolves each metric's names on the chip of `host`. What a chip lacks is reported, never
/// dropped in silence.
CounterSet resolve(const std::vector<Metric>& metrics, const MetricHost& host,
                   const std::string& chip);

/// The metrics of the kernels whose counter values (in the order of set.counters) are `kernels`.
/// A metric without a finite value is left out.
std::map<std::string, double> evaluate(const CounterSet& set,
                                       const std::vector<std::vector<double>>& kernels);

}  // namespace perfgate
