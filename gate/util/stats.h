// SPDX-License-Identifier: Apache-2.0
// Statistics as pure functions over positive durations. Each comment names the assumption and what
// it costs.
#pragma once

#include <cstddef>
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

/// Standard deviation of the logs: the relative scatter of process statistics. Needs two values.
double log_deviation(std::span<const double> values);

/// How much longer `head` takes than `base`, as ratios (0.02: two percent).
struct Change {
  double effect = 0;  ///< from the means of logs
  double lower = 0;   ///< one-sided bounds, each with error alpha
  double upper = 0;
  double detectable = 0;  ///< smallest true effect whose lower bound is above zero 9 times in 10
};

/// How far off an effect may be besides its error, in logs: a limit on each side, not a deviation,
/// because nothing is averaged out of it.
struct Bias {
  double over = 0;   ///< by how much the true effect may be smaller
  double under = 0;  ///< by how much it may be larger
};

/// A difference of means of logs, its standard error and the degrees of freedom behind that.
struct Estimate {
  double effect = 0, error = 0, freedom = 0;
  Bias bias{};
};

/// Two-sample t on the logs of process statistics, with a pooled variance. Assumes that each value
/// is from an independent fresh process and that base and head scatter alike; it does not know of a
/// drift of the machine between the two. Needs two values on each side.
Estimate pooled(std::span<const double> base, std::span<const double> head);

/// A variance of logs that was estimated, and the degrees of freedom behind it.
struct Variance {
  double value = 0, freedom = 0;
};

/// What the stored invocations of one case say: their process statistics, and how much slower the
/// machine is now than it was then (a ratio), which is taken out.
struct StoredSession {
  std::vector<double> durations_s;
  double machine = 0;
};

/// What these sessions alone say of how unchanged code moves from one to the next.
struct SessionScatter {
  /// Besides the scatter of the processes: an unbiased estimate by the method of moments, which can
  /// be negative, with k - 1 degrees of freedom (0: one session tells nothing).
  Variance between;
  double of_means = 0;  ///< what the scatter of the processes alone gives the sessions' means
};

/// Assumes that sessions and processes are independent.
SessionScatter session_scatter(std::span<const StoredSession> sessions);

/// One new invocation against several stored ones. Its error has two parts: processes (pooled
/// within all sessions) and sessions, whose variance is `prior` shrunk towards what these sessions
/// show, each with the weight of its degrees of freedom; one session shows nothing, so `prior`
/// alone speaks. `unseen` is further variance that the whole stored side has in common against
/// `head`, such as an unknown board's. The degrees of freedom are Satterthwaite's (Biometrics
/// Bulletin 2 (1946) 110). Needs two values in `head` and in some session.
Estimate against_sessions(std::span<const StoredSession> sessions, std::span<const double> head,
                          Variance prior, Variance unseen = {});

/// Paired t on the logs: base[i] and head[i] are from one round. What both processes of a round
/// share, such as a warmer machine, cancels; the price is half of the degrees of freedom. Assumes
/// independent rounds. Needs two pairs.
Estimate paired(std::span<const double> base, std::span<const double> head);

/// The estimate as ratios, with one-sided bounds of error `alpha` each.
Change change_of(const Estimate& estimate, double alpha);

/// The smallest true effect, as a ratio, of which an estimate like this one exceeds `threshold`,
/// which allows for its bias, and has its lower bound (of error `alpha`) above zero 9 times in 10.
double seen_from(const Estimate& estimate, double alpha, double threshold);

/// The probability of an estimate this high when head is not slower than base (one-sided t).
double slower_p_value(const Estimate& estimate);

/// The probability of an estimate this low when head is not faster than base by more than `ratio`
/// (0.02: two percent). No head is faster by all of its time, so it is 1 from a ratio of 1 on.
double faster_p_value(const Estimate& estimate, double ratio);

/// How many of so many trials came out one way.
struct Count {
  std::size_t hits = 0, trials = 0;
};

/// The probability of at least so many hits among head's when hits are as frequent on both sides:
/// Fisher's exact test, one-sided.
double more_often_p_value(Count base, Count head);

/// The levels that Holm's procedure compares the p-values with: alpha / n for the smallest, alpha /
/// (n - 1) for the next, and so on.
std::vector<double> holm_levels(std::span<const double> p_values, double alpha);

/// Holm's step-down procedure: which of the hypotheses with these p-values are rejected when the
/// chance of a single false rejection among all of them is to be at most `alpha`. No assumption on
/// how they depend on each other; the price is power, alpha / n for the first.
std::vector<bool> holm(std::span<const double> p_values, double alpha);

}  // namespace perfgate
