// Statistics as pure functions over positive durations. Each comment names the assumption and what
// it costs.
#pragma once

#include <span>
#include <vector>

namespace perfgate {

/// Mean of the middle half of `values` (any order, not empty), with fractional weights at the two
/// ends. Robust against spikes like a median, but not quantised to the timestamp tick: a median of
/// 3 us kernels moves in steps of 32 ns, 1 %.
double interquartile_mean(std::span<const double> values);

/// The p-quantile (0 to 1) by linear interpolation between order statistics (R's type 7).
double quantile(std::span<const double> values, double p);
double median(std::span<const double> values);

/// How much longer `head` takes than `base`, as ratios (0.02: two percent).
struct Change {
  double effect = 0;  ///< of the means of logs
  double lower = 0;   ///< one-sided bounds, each with error alpha
  double upper = 0;
  double detectable = 0;  ///< smallest true effect whose lower bound is above zero 9 times in 10
};

/// Pooled two-sample t on the logs of process statistics. Assumes that each value is from an
/// independent fresh process and that base and head scatter alike; it does not know of a drift of
/// the machine between the two. Needs two values on each side.
Change compare(std::span<const double> base, std::span<const double> head, double alpha);

}  // namespace perfgate
