// SPDX-License-Identifier: Apache-2.0
#include "gate/run/machine_drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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
      "the machine: read roof {:+.1f} %, FMA roof {:+.1f} % against the baseline's; durations are "
      "judged as if it had not moved",
      100 * read, 100 * fma);
}

}  // namespace perfgate
