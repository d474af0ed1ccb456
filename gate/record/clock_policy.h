// SPDX-License-Identifier: Apache-2.0
// What perfgate does about the GPU's clocks, and which clocks it expects.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace perfgate {

enum class ClockPolicy { lock, verify, observe };
struct ClockPolicyInfo {
  ClockPolicy policy;
  std::string_view id, meaning;
};
inline constexpr std::array<ClockPolicyInfo, 3> clock_policies{{
    {ClockPolicy::lock, "lock", "lock SM and memory clocks while measuring, restore on exit"},
    {ClockPolicy::verify, "verify", "they are locked already: check that they hold"},
    {ClockPolicy::observe, "observe", "change nothing, record them"},
}};
constexpr std::string_view clock_policy_id(ClockPolicy policy) {
  return clock_policies[static_cast<std::size_t>(policy)].id;
}

/// The clocks that are expected under load. The policies lock and verify use it.
struct ClockTarget {
  double tolerance = 0.01;  ///< ratio
  std::optional<double> sm_hz, memory_hz;

  bool operator==(const ClockTarget&) const = default;
};

}  // namespace perfgate
