// SPDX-License-Identifier: Apache-2.0
#include "gate/run/clock_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace perfgate {

std::string free_clocks_note(const RunRecord& run) {
  if (run.clocks != ClockPolicy::observe) return "";
  constexpr const char* fix = "clocks = \"lock\" or --lock-clocks holds them";
  std::optional<double> low_hz, high_hz;
  for (const ProcessRecord& process : run.processes) {
    if (!process.conditions || !process.conditions->sm_clock_hz) continue;
    const Spread& seen = *process.conditions->sm_clock_hz;
    low_hz = std::min(low_hz.value_or(seen.min), seen.min);
    high_hz = std::max(high_hz.value_or(seen.max), seen.max);
  }
  if (!low_hz || *low_hz <= 0) return fmt::format("free clocks, which were not read; {}", fix);
  const std::string low = fmt::format("{:.0f}", *low_hz * 1e-6),
                    high = fmt::format("{:.0f}", *high_hz * 1e-6);
  if (low == high) return fmt::format("free clocks: SM at {} MHz under load; {}", low, fix);
  return fmt::format("free clocks: SM {:.0f} to {:.0f} MHz under load ({:.1f} %); {}",
                     *low_hz * 1e-6, *high_hz * 1e-6, 100 * (*high_hz / *low_hz - 1), fix);
}

}  // namespace perfgate
