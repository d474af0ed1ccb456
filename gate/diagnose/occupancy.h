// SPDX-License-Identifier: Apache-2.0
// How many blocks of a launch an SM holds at once. It follows by arithmetic from the launch and the
// limits of the compute capability, so it needs no counter. The rules are those of the CUDA
// toolkit's occupancy calculator (cuda_occupancy.h): registers are given out by warp in units of
// 256 to each quarter of an SM, shared memory by block, and from 8.0 on the driver keeps 1 KB a
// block for itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gate/record/kernel_launch.h"

namespace perfgate {

/// CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
struct SmLimits {
  std::string_view compute_capability;
  int warps, blocks, shared_bytes;
};
inline constexpr std::array<SmLimits, 9> sm_limits{{
    {"7.0", 64, 32, 96 * 1024},
    {"7.5", 32, 16, 64 * 1024},
    {"8.0", 64, 32, 164 * 1024},
    {"8.6", 48, 16, 100 * 1024},
    {"8.9", 48, 24, 100 * 1024},
    {"9.0", 64, 32, 228 * 1024},
    {"10.0", 64, 32, 228 * 1024},
    {"10.3", 64, 32, 228 * 1024},
    {"12.0", 48, 24, 100 * 1024},
}};

/// Null: a compute capability without a row.
const SmLimits* find_sm_limits(std::string_view compute_capability);

enum class Limiter { warps, blocks, registers, shared };

struct LimiterInfo {
  Limiter limiter;
  std::string_view words;
};
inline constexpr std::array<LimiterInfo, 4> limiters{{
    {Limiter::warps, "the block's warps"},
    {Limiter::blocks, "the number of blocks"},
    {Limiter::registers, "registers"},
    {Limiter::shared, "shared memory"},
}};
const LimiterInfo& limiter_info(Limiter limiter);

struct Residency {
  int blocks = 0;  ///< on one SM at once, at least one
  Limiter limiter = Limiter::warps;
  std::array<int, limiters.size()> allowed{};  ///< by each limiter, in the table's order
  double occupancy = 0;                        ///< warps of these blocks, of those that an SM holds
};

/// Empty for a launch that does not fit on an SM by these limits: then they are not the right ones.
std::optional<Residency> residency(const KernelLaunch& launch, const SmLimits& limits);

// As floating-point numbers: the sizes in a file may be such that their product fits into no
// integer.
double blocks_of(const KernelLaunch& launch);
double threads_of(const KernelLaunch& launch);  ///< of one block

}  // namespace perfgate
