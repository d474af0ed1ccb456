// SPDX-License-Identifier: Apache-2.0
#include "gate/run/machine_drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gate/util/text.h"

namespace perfgate {

double machine_slowdown(const Sentinels& then, const Sentinels& now,
                        const std::optional<double>& bytes, double base_s) {
  const bool bound_by_memory = bytes.value_or(0) / base_s >= then.read_bytes_per_s / 2;
  return (bound_by_memory ? then.read_bytes_per_s / now.read_bytes_per_s
                          : then.fma_flops / now.fma_flops) -
         1;
}

Bias scaling_bias(double slowdown) {
  constexpr double least = 0.1, most = 1.3;  // of the roof's change, that kernels follow
  const double taken = std::log1p(slowdown);
  const auto [low, high] = std::minmax({(least - 1) * taken, (most - 1) * taken});
  return {std::max(high, 0.0), std::max(-low, 0.0)};
}

std::string drift_note(const Sentinels& then, const Sentinels& now, bool other_board) {
  constexpr double worth_saying = 0.005, costly = 0.01;
  const double read = now.read_bytes_per_s / then.read_bytes_per_s - 1;
  const double fma = now.fma_flops / then.fma_flops - 1;
  if (std::max(std::abs(read), std::abs(fma)) < worth_saying) return "";
  return fmt::format(
      "the machine: read roof {}, FMA roof {} against the baseline's; durations are "
      "judged as if it had not moved{}",
      percent(read), percent(fma),
      other_board && std::max(std::abs(read), std::abs(fma)) >= costly
          ? ", which is not exact: kernels of another board follow by more or less, so small "
            "slowdowns are not seen here. A session of this board (`perfgate baseline refresh "
            "--add`) or --base-runner sees them"
          : "");
}

}  // namespace perfgate
