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

std::string drift_note(const Sentinels& then, const Sentinels& now) {
  constexpr double worth_saying = 0.005;
  const double read = now.read_bytes_per_s / then.read_bytes_per_s - 1;
  const double fma = now.fma_flops / then.fma_flops - 1;
  if (std::max(std::abs(read), std::abs(fma)) < worth_saying) return "";
  return fmt::format(
      "the machine: read roof {}, FMA roof {} against the baseline's; durations are "
      "judged as if it had not moved",
      percent(read), percent(fma));
}

}  // namespace perfgate
