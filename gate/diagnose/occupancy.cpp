// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/occupancy.h"

#include <algorithm>

namespace perfgate {

namespace {

constexpr int warp_threads = 32;
constexpr std::int64_t register_unit = 256;  // registers of a warp are given out in these
constexpr std::int64_t quarter_registers = 16384;
constexpr int quarters = 4;

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

const SmLimits* find_sm_limits(std::string_view compute_capability) {
  const auto* found = std::find_if(sm_limits.begin(), sm_limits.end(), [&](const SmLimits& row) {
    return row.compute_capability == compute_capability;
  });
  return found == sm_limits.end() ? nullptr : found;
}

const LimiterInfo& limiter_info(Limiter limiter) {
  return limiters[static_cast<std::size_t>(limiter)];
}

double blocks_of(const KernelLaunch& launch) {
  double blocks = 1;
  for (const int size : launch.grid) blocks *= size;
  return blocks;
}

double threads_of(const KernelLaunch& launch) {
  double threads = 1;
  for (const int size : launch.block) threads *= size;
  return threads;
}

std::optional<Residency> residency(const KernelLaunch& launch, const SmLimits& limits) {
  constexpr double most_threads = 1024;  // of a block, on every chip
  if (threads_of(launch) > most_threads || launch.shared_bytes > limits.shared_bytes)
    return std::nullopt;
  const std::int64_t warps =
      rounded_up(static_cast<std::int64_t>(threads_of(launch)), warp_threads) / warp_threads;
  if (warps < 1) return std::nullopt;
  const bool driver_keeps_some = limits.compute_capability[0] != '7';
  std::array<std::int64_t, limiters.size()> allowed{};
  allowed[static_cast<std::size_t>(Limiter::warps)] = limits.warps / warps;
  allowed[static_cast<std::size_t>(Limiter::blocks)] = limits.blocks;
  const std::int64_t registers =
      rounded_up(std::int64_t{std::max(launch.registers, 1)} * warp_threads, register_unit);
  allowed[static_cast<std::size_t>(Limiter::registers)] =
      quarter_registers / registers * quarters / warps;
  const std::int64_t shared = rounded_up(launch.shared_bytes + (driver_keeps_some ? 1024 : 0), 128);
  allowed[static_cast<std::size_t>(Limiter::shared)] =
      shared > 0 ? limits.shared_bytes / shared : limits.blocks;
  const auto* least = std::min_element(allowed.begin(), allowed.end());
  if (*least < 1) return std::nullopt;
  Residency found{static_cast<int>(*least), static_cast<Limiter>(least - allowed.begin())};
  std::transform(allowed.begin(), allowed.end(), found.allowed.begin(),
                 [](std::int64_t blocks) { return static_cast<int>(blocks); });
  found.occupancy = static_cast<double>(*least * warps) / limits.warps;
  return found;
}

}  // namespace perfgate
