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

namespace {

constexpr double least_followed = 0.1, most_followed = 1.3;  // of the roof's change

/// Returns the limits of a scaling that took out so much, in logs.
Bias bias_of(double taken) {
  const auto [low, high] = std::minmax({(least_followed - 1) * taken, (most_followed - 1) * taken});
  return {std::max(high, 0.0), std::max(-low, 0.0)};
}

/// Returns the slowdown that these limits can hide, as a ratio.
double hidden_by(const Bias& bias) {
  return std::expm1(bias.over + bias.under);
}

}  // namespace

Bias scaling_bias(double slowdown) {
  return bias_of(std::log1p(slowdown));
}

Bias own_board_bias(double slowdown) {
  constexpr double usual = 0.01;
  const double taken = std::log1p(slowdown);
  const double doubted = std::clamp(std::abs(taken) / usual - 1, 0.0, 1.0);
  return bias_of(doubted * taken);
}

Bias unknown_board_bias() {
  // Between the read roofs of two H200 in tests/recordings, medians of 4487 and 4689 GB/s.
  constexpr double widest = 0.045;
  const double moved = most_followed * std::log1p(widest);
  return {moved, moved};
}

bool moved_too_far(double slowdown) {
  constexpr double limit = 0.06;
  return std::abs(std::log1p(slowdown)) > limit;
}

std::string unknown_machine_note(std::string_view without) {
  return fmt::format(
      "no sentinels in {}: how fast this board is against the baseline's is not known, so "
      "slowdowns "
      "under {:.0f} % are not seen here; three sessions of this board (`perfgate baseline refresh "
      "--add`) or --base-runner see them",
      without, 100 * hidden_by(unknown_board_bias()));
}

std::string drift_note(const Sentinels& then, const Sentinels& now, bool own_board) {
  constexpr double worth_saying = 0.005, costly = 0.01;
  const double read = now.read_bytes_per_s / then.read_bytes_per_s - 1;
  const double fma = now.fma_flops / then.fma_flops - 1;
  if (std::max(std::abs(read), std::abs(fma)) < worth_saying) return "";
  double hidden = 0;
  bool too_far = false;
  for (const double roof : {read, fma}) {
    const double slowdown = 1 / (1 + roof) - 1;
    if (moved_too_far(slowdown))
      too_far = true;
    else
      hidden = std::max(hidden,
                        hidden_by(own_board ? own_board_bias(slowdown) : scaling_bias(slowdown)));
  }
  std::string note = fmt::format("the machine: read roof {}, FMA roof {} against the baseline's; ",
                                 percent(read), percent(fma));
  note += too_far ? "what a roof bounds that moved so far is not judged, the rest "
                  : "durations are judged ";
  note += "as if it had not moved";
  if (!too_far && hidden < costly) return note;
  if (hidden >= costly)
    note += fmt::format(
        ", which is not exact: kernels follow by more or less, so slowdowns under {:.0f} % beside "
        "the tolerance are not seen here",
        std::ceil(100 * hidden));
  return note + (own_board ? ". Its clocks, or what else runs on it, are not as they were"
                           : ". Three sessions of this board (`perfgate baseline refresh --add`) "
                             "or --base-runner see them");
}

}  // namespace perfgate
