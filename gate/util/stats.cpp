// SPDX-License-Identifier: Apache-2.0
#include "gate/util/stats.h"

#include <algorithm>
#include <boost/math/distributions/hypergeometric.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace perfgate {

namespace {

std::vector<double> sorted(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("statistics of no values");
  std::vector<double> out(values.begin(), values.end());
  std::sort(out.begin(), out.end());
  return out;
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> logs(std::span<const double> values) {
  std::vector<double> out;
  for (const double value : values) out.push_back(std::log(value));
  return out;
}

double squared_deviations(std::span<const double> values) {
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return sum;
}

}  // namespace

double interquartile_mean(std::span<const double> values) {
  const std::vector<double> in_order = sorted(values);
  const auto n = static_cast<double>(in_order.size());
  const double low = n / 4, high = 3 * n / 4;
  double sum = 0;
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    // Sample i covers [i, i+1) of the order; its weight is its share of the middle half.
    const auto begin = static_cast<double>(i);
    sum += in_order[i] * std::max(0.0, std::min(begin + 1, high) - std::max(begin, low));
  }
  return sum / (high - low);
}

double quantile(std::span<const double> values, double p) {
  const std::vector<double> in_order = sorted(values);
  const double position = p * static_cast<double>(in_order.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, in_order.size() - 1);
  const double fraction = position - static_cast<double>(below);
  return in_order[below] + fraction * (in_order[above] - in_order[below]);
}

double median(std::span<const double> values) {
  return quantile(values, 0.5);
}

double log_deviation(std::span<const double> values) {
  if (values.size() < 2) throw std::invalid_argument("a scatter needs two values");
  return std::sqrt(squared_deviations(logs(values)) / static_cast<double>(values.size() - 1));
}

Estimate pooled(std::span<const double> base, std::span<const double> head) {
  if (base.size() < 2 || head.size() < 2)
    throw std::invalid_argument("a comparison needs two values on each side");
  const std::vector<double> log_base = logs(base), log_head = logs(head);
  const auto nb = static_cast<double>(base.size()), nh = static_cast<double>(head.size());
  const double freedom = nb + nh - 2;
  const double variance = (squared_deviations(log_base) + squared_deviations(log_head)) / freedom;
  return {mean(log_head) - mean(log_base), std::sqrt(variance * (1 / nb + 1 / nh)), freedom};
}

namespace {

/// The logs of a session's process statistics as if the machine had been then what it is now.
std::vector<double> logs_now(const StoredSession& session) {
  std::vector<double> out = logs(session.durations_s);
  for (double& value : out) value += std::log1p(session.machine);
  return out;
}

/// The scatter of processes within sessions, and what the sessions' means are.
struct Nested {
  double squares = 0, freedom = 0;  ///< within sessions
  std::vector<double> means;
  double inverse_sizes = 0;  ///< sum over the sessions of 1 / processes
};

Nested nested(std::span<const StoredSession> sessions) {
  Nested out;
  for (const StoredSession& session : sessions) {
    const std::vector<double> values = logs_now(session);
    const auto n = static_cast<double>(values.size());
    out.squares += squared_deviations(values);
    out.freedom += n - 1;
    out.means.push_back(mean(values));
    out.inverse_sizes += 1 / n;
  }
  return out;
}

}  // namespace

SessionScatter session_scatter(std::span<const StoredSession> sessions) {
  const Nested stored = nested(sessions);
  const auto k = static_cast<double>(stored.means.size());
  if (k < 2 || stored.freedom < 1) return {};
  const double of_means = stored.squares / stored.freedom * stored.inverse_sizes / k;
  return {{squared_deviations(stored.means) / (k - 1) - of_means, k - 1}, of_means};
}

Estimate against_sessions(std::span<const StoredSession> sessions, std::span<const double> head,
                          Variance prior, Variance unseen) {
  if (sessions.empty() || head.size() < 2)
    throw std::invalid_argument("a comparison needs a session and two values of the head");
  const Nested stored = nested(sessions);
  const std::vector<double> log_head = logs(head);
  const auto k = static_cast<double>(stored.means.size()), n = static_cast<double>(head.size());
  struct Part {
    double variance, freedom;
  };
  std::vector<Part> parts;
  const double freedom = stored.freedom + n - 1;
  const double within = (stored.squares + squared_deviations(log_head)) / freedom;
  parts.push_back({within * (1 / n + stored.inverse_sizes / (k * k)), freedom});
  const Variance seen = session_scatter(sessions).between;
  if (const double weight = prior.freedom + seen.freedom; weight > 0) {
    const double between =
        std::max(0.0, (prior.freedom * prior.value + seen.freedom * seen.value) / weight);
    parts.push_back({between * (1 + 1 / k), weight});
  }
  if (unseen.freedom > 0) parts.push_back({unseen.value, unseen.freedom});
  double variance = 0, spread = 0;
  for (const Part& part : parts) {
    variance += part.variance;
    spread += part.variance * part.variance / part.freedom;
  }
  return {mean(log_head) - mean(stored.means), std::sqrt(variance),
          spread > 0 ? variance * variance / spread : freedom};
}

Estimate paired(std::span<const double> base, std::span<const double> head) {
  if (base.size() != head.size() || base.size() < 2)
    throw std::invalid_argument("paired statistics need two pairs, and as many of both");
  std::vector<double> differences;
  for (std::size_t i = 0; i < base.size(); ++i)
    differences.push_back(std::log(head[i]) - std::log(base[i]));
  const auto n = static_cast<double>(differences.size());
  return {mean(differences), std::sqrt(squared_deviations(differences) / (n - 1) / n), n - 1};
}

Change change_of(const Estimate& estimate, double alpha) {
  const boost::math::students_t distribution(estimate.freedom);
  const double t = boost::math::quantile(boost::math::complement(distribution, alpha));
  const double power = boost::math::quantile(distribution, 0.9);
  const auto [effect, error, freedom, bias] = estimate;
  return {std::expm1(effect), std::expm1(effect - t * error - bias.over),
          std::expm1(effect + t * error + bias.under),
          std::expm1((t + power) * error + bias.over + bias.under)};
}

double seen_from(const Estimate& estimate, double alpha, double threshold) {
  const boost::math::students_t distribution(estimate.freedom);
  const double power = boost::math::quantile(distribution, 0.9);
  return std::max(std::expm1(std::log1p(threshold) + power * estimate.error + estimate.bias.under),
                  change_of(estimate, alpha).detectable);
}

double slower_p_value(const Estimate& estimate) {
  const double least = estimate.effect - estimate.bias.over;
  if (estimate.error == 0) return least > 0 ? 0 : 1;
  const boost::math::students_t distribution(estimate.freedom);
  return boost::math::cdf(boost::math::complement(distribution, least / estimate.error));
}

double faster_p_value(const Estimate& estimate, double ratio) {
  if (ratio >= 1) return 1;
  const double beyond = estimate.effect + estimate.bias.under - std::log1p(-ratio);
  if (estimate.error == 0) return beyond < 0 ? 0 : 1;
  return boost::math::cdf(boost::math::students_t(estimate.freedom), beyond / estimate.error);
}

double more_often_p_value(Count base, Count head) {
  const auto count = [](std::size_t value) { return static_cast<unsigned>(value); };
  const boost::math::hypergeometric_distribution<> drawn(
      count(base.hits + head.hits), count(head.trials), count(base.trials + head.trials));
  const unsigned hits = count(head.hits);
  return boost::math::pdf(drawn, hits) + boost::math::cdf(boost::math::complement(drawn, hits));
}

namespace {

/// Returns the indices of `values`, smallest value first.
std::vector<std::size_t> ascending(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

}  // namespace

std::vector<double> holm_levels(std::span<const double> p_values, double alpha) {
  const std::vector<std::size_t> order = ascending(p_values);
  std::vector<double> levels(p_values.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    levels[order[i]] = alpha / static_cast<double>(order.size() - i);
  return levels;
}

std::vector<bool> holm(std::span<const double> p_values, double alpha) {
  const std::vector<double> levels = holm_levels(p_values, alpha);
  std::vector<bool> rejected(p_values.size(), false);
  for (const std::size_t i : ascending(p_values)) {
    if (p_values[i] > levels[i]) break;
    rejected[i] = true;
  }
  return rejected;
}

}  // namespace perfgate
