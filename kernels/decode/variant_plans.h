// SPDX-License-Identifier: Apache-2.0
// A plan once for each of our own GEMM kernels, so that each can be compared with the references.
#pragma once

#include <string>
#include <vector>

#include "gate/decode/decode_source.h"

namespace perfgate {

/// A plan in which one variant computes every GEMM that it takes; the others are as they were.
struct VariantPlan {
  std::string variant;
  DecodePlan plan;
};

/// Leaves out the variants that take none of the plan's GEMMs, and cuBLASLt. Throws DeviceError.
std::vector<VariantPlan> variant_plans(const DecodePlan& plan);

/// The names that a request may use.
std::vector<std::string> gemm_variant_ids();

}  // namespace perfgate
