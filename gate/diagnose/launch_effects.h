// SPDX-License-Identifier: Apache-2.0
// What the launches of a case alone say about its duration: other kernels, a grid that fills the
// GPU less, fewer blocks on an SM. None of it needs a counter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/record/gpu_fingerprint.h"
#include "gate/record/kernel_launch.h"

namespace perfgate {

struct LaunchEffect {
  double size = 0;  ///< natural log of the factor on the duration; positive: longer
  std::string words;
};

struct LaunchEffects {
  std::optional<std::string> kernels;             ///< which kernels were added or replaced
  std::optional<LaunchEffect> blocks, occupancy;  ///< of the kernel that they matter most for
  std::string difference;  ///< "grid 344x1x1 to 2048x1x1" of the first kernel that differs; or ""
};

/// Returns the operators that are launched, without their template arguments.
std::vector<std::string> operator_names(const std::vector<KernelLaunch>& launches);

/// Kernels of one name are matched in their order. A kernel that is gone while nothing took its
/// place is no other kernel where the ones that stayed were launched in another way: then these
/// tell more.
LaunchEffects launch_effects(const std::vector<KernelLaunch>& base,
                             const std::vector<KernelLaunch>& head, const GpuFingerprint& gpu);

}  // namespace perfgate
