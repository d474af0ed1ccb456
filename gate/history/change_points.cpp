// SPDX-License-Identifier: Apache-2.0
#include "gate/history/change_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <unordered_map>
#include <utility>

#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// How much the cases together say of the scatter of one, in degrees of freedom.
constexpr double shared_freedom = 10;

std::vector<double> logs_of(const CaseSeries& series) {
  std::vector<double> logs;
  for (const double duration_s : series.durations_s) logs.push_back(std::log(duration_s));
  return logs;
}

/// The variance of a run by the mean of the squared differences of neighbours (von Neumann, Ann.
/// Math. Statist. 12 (1941) 367); of its degrees of freedom a third is the price of being blind to
/// slow changes.
Variance neighbours_variance(std::span<const double> logs) {
  double squares = 0;
  for (std::size_t i = 1; i < logs.size(); ++i)
    squares += (logs[i] - logs[i - 1]) * (logs[i] - logs[i - 1]);
  const auto differences = static_cast<double>(logs.size() - 1);
  return {squares / (2 * differences), 2 * differences / 3};
}

/// A case's own variance, drawn towards the others', but never below its own: a case that scatters
/// more than the others would otherwise raise alarms.
Variance shrunk(const Variance& own, double shared) {
  const double freedom = own.freedom + shared_freedom;
  const double value = (own.value * own.freedom + shared * shared_freedom) / freedom;
  if (own.value > value) return own;
  return {value, freedom};
}

struct Split {
  std::size_t index = 0;
  double effect = 0, p = 1;  ///< of the logs; one-sided for slower
};

/// The best of all points at which `logs` can be parted: the one that most surely separates slower
/// runs from those before, or faster ones with `sign` -1.
Split best_split(std::span<const double> logs, const Variance& variance, double sign) {
  const std::size_t n = logs.size();
  Split best;
  double all = 0, before = 0, furthest = 0;
  for (const double log : logs) all += log;
  for (std::size_t k = 1; k < n; ++k) {
    before += logs[k - 1];
    const auto first = static_cast<double>(k), rest = static_cast<double>(n - k);
    const double effect = (all - before) / rest - before / first;
    // All points share the variance, so the surest of them is the one with the largest ratio.
    const double weighted = sign * effect / std::sqrt(1 / first + 1 / rest);
    if (weighted <= furthest) continue;
    furthest = weighted;
    best = {k, effect, 1};
  }
  if (best.index == 0) return best;
  const auto first = static_cast<double>(best.index), rest = static_cast<double>(n) - first;
  const double error = std::sqrt(variance.value * (1 / first + 1 / rest));
  best.p = error > 0 ? slower_p_value({sign * best.effect, error, variance.freedom}) : 0;
  return best;
}

/// Parts a history at its surest step, and then each of its pieces.
void find_steps(std::span<const double> logs, std::size_t begin, const Variance& variance,
                double level, std::vector<std::size_t>& steps) {
  if (logs.size() < 4) return;
  Split best = best_split(logs, variance, 1);
  if (const Split faster = best_split(logs, variance, -1); faster.p < best.p) best = faster;
  if (best.p >= level / 2 || std::abs(best.effect) < smallest_step) return;
  find_steps(logs.first(best.index), begin, variance, level, steps);
  steps.push_back(begin + best.index);
  find_steps(logs.subspan(best.index), begin + best.index, variance, level, steps);
}

/// Returns the steps with their sizes: from the piece before each to the piece behind it.
std::vector<ChangePoint> sized(std::span<const double> logs, std::vector<std::size_t> steps) {
  std::vector<ChangePoint> out;
  steps.insert(steps.begin(), 0);
  steps.push_back(logs.size());
  const auto level = [&](std::size_t piece) {
    const auto logs_of_piece = logs.subspan(steps[piece], steps[piece + 1] - steps[piece]);
    double sum = 0;
    for (const double log : logs_of_piece) sum += log;
    return sum / static_cast<double>(logs_of_piece.size());
  };
  for (std::size_t i = 1; i + 1 < steps.size(); ++i)
    out.push_back({steps[i], std::expm1(level(i) - level(i - 1))});
  return out;
}

/// Whether the runs since the last step are slower than those before `index`: what was repaired
/// since is no creep.
bool still_slower(const std::vector<double>& logs, std::size_t index,
                  const std::vector<std::size_t>& steps) {
  const auto mean = [&](std::size_t from, std::size_t to) {
    return std::accumulate(logs.begin() + static_cast<std::ptrdiff_t>(from),
                           logs.begin() + static_cast<std::ptrdiff_t>(to), 0.0) /
           static_cast<double>(to - from);
  };
  const std::size_t last = steps.empty() ? index : std::max(index, steps.back());
  return mean(last, logs.size()) - mean(0, index) >= smallest_step;
}

}  // namespace

std::vector<CaseSeries> series_of(const History& history, const std::vector<std::string>& only) {
  std::vector<CaseSeries> all;
  if (history.empty()) return all;
  const std::string& board = history.back().board;
  std::unordered_map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history[i].board != board) continue;
    for (const HistoryCase& entry : history[i].cases) {
      if (!only.empty() && !matches_any(only, entry.id)) continue;
      const auto [known, is_new] = index.emplace(entry.id, all.size());
      if (is_new) all.push_back({entry.id, {}, {}});
      all[known->second].runs.push_back(i);
      all[known->second].durations_s.push_back(entry.duration_s);
    }
  }
  return all;
}

std::vector<CaseTrend> trends(const std::vector<CaseSeries>& series) {
  std::vector<Variance> own(series.size());
  std::vector<double> known;
  for (std::size_t i = 0; i < series.size(); ++i)
    if (series[i].durations_s.size() >= fewest_runs) {
      own[i] = neighbours_variance(logs_of(series[i]));
      known.push_back(own[i].value);
    }
  const double shared = known.empty() ? 0 : median(known);
  std::vector<CaseTrend> out;
  for (std::size_t i = 0; i < series.size(); ++i) {
    CaseTrend trend{series[i].id, {}, {}};
    if (const std::size_t n = series[i].durations_s.size(); n >= fewest_runs) {
      const std::vector<double> logs = logs_of(series[i]);
      const Variance variance = shrunk(own[i], shared);
      // Sum over n of 1 / (n (n + 1)) is below 1: the look at the n-th run has this share, each
      // case the same part of it, and each point of a case the same part of that.
      const auto runs = static_cast<double>(n);
      const double level =
          history_alpha / (runs * (runs + 1)) / static_cast<double>(known.size()) / (runs - 1);
      std::vector<std::size_t> steps;
      find_steps(logs, 0, variance, level, steps);
      if (const Split split = best_split(logs, variance, 1); split.p < level &&
                                                             split.effect >= smallest_step &&
                                                             still_slower(logs, split.index, steps))
        trend.crept = ChangePoint{split.index, std::expm1(split.effect)};
      trend.steps = sized(logs, std::move(steps));
    }
    out.push_back(std::move(trend));
  }
  return out;
}

std::string crept_words(const CaseSeries& series, const ChangePoint& crept,
                        const History& history) {
  const HistoryRun& run = history[series.runs[crept.index]];
  const std::string commit = run.commit.empty() ? "the run" : one_line(run.commit.substr(0, 10));
  return fmt::format("slower by {} on average since {} ({}) than before", percent(crept.ratio),
                     commit, one_line(run.created.substr(0, 10)));
}

}  // namespace perfgate
