// SPDX-License-Identifier: Apache-2.0
#include "gate/util/two_groups.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

namespace perfgate {

std::optional<double> two_groups(std::span<const double> values) {
  if (values.size() < least_to_split) return std::nullopt;
  std::vector<double> logs;
  for (const double value : values) logs.push_back(std::log(value));
  std::sort(logs.begin(), logs.end());
  const auto n = static_cast<double>(logs.size());
  const double mean = std::accumulate(logs.begin(), logs.end(), 0.0) / n;
  double squares = 0;
  for (const double value : logs) squares += (value - mean) * (value - mean);

  double sum = 0, explained = 0, boundary = 0;
  for (std::size_t below = 1; below + 2 <= logs.size(); ++below) {
    sum += logs[below - 1] - mean;
    if (below < 2) continue;
    const auto lower = static_cast<double>(below), upper = n - lower;
    const double split = sum * sum * (1 / lower + 1 / upper);
    if (split <= explained) continue;
    explained = split;
    boundary = std::exp((logs[below - 1] + logs[below]) / 2);
  }
  constexpr double deviations = 4.5;
  const double limit =
      -std::log1p(-2 / std::numbers::pi) + 2.4 / (n - 2) + deviations / std::sqrt(n - 2);
  constexpr double equal = 1e-9;  // relative; what is left of equal values are rounding errors
  if (squares <= n * equal * equal) return std::nullopt;
  // As a product, because groups without any scatter of their own leave no squares.
  if (squares <= (squares - explained) * std::exp(limit)) return std::nullopt;
  return boundary;
}

}  // namespace perfgate
