// SPDX-License-Identifier: Apache-2.0
// Which of the runner's GEMM kernels is to compute which GEMM. The gate carries the names; only the
// runner knows what they mean (kernels/ops/gemm_variants.h), and refuses one that it does not have.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/decode/dtype.h"
#include "gate/decode/layer_model.h"

namespace perfgate {

/// One GEMM of a workload, and the name of the variant that computes it.
struct GemmChoice {
  GemmShape shape;
  DType dtype = DType::fp16;
  std::string variant;
  /// By what share the layer was slower with the fastest other variant, where this one was found by
  /// measuring; below 0 where another one was faster by too little to be believed.
  std::optional<double> margin{};
};

/// Whether both are for the same GEMM, of whichever model and stage.
inline bool same_gemm(const GemmChoice& a, const GemmChoice& b) {
  return a.shape == b.shape && a.dtype == b.dtype;
}

/// What a request says about its GEMMs. `choices` come before what the runner would take by itself,
/// and are for GemmBackend::automatic only.
struct GemmSelection {
  GemmBackend backend = GemmBackend::automatic;
  std::vector<GemmChoice> choices{};
};

}  // namespace perfgate
