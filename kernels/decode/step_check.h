// SPDX-License-Identifier: Apache-2.0
// Checks every stage against its CPU reference in double, before anything is timed.
#pragma once

#include <cstdint>
#include <vector>

#include "gate/decode/layer_model.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// The error of one stage's output against the reference computed from that stage's own inputs.
struct StageError {
  Stage stage;
  double error = 0;           ///< norm(out - ref) / norm(ref); NaN when any output is NaN
  std::int64_t elements = 0;  ///< how many outputs were compared
  bool passed = false;        ///< error <= error_limit(dtype); never with a NaN
};

/// Returns 2e-3 for fp16, 1e-2 for bf16.
double error_limit(DType dtype);

/// Runs one step stage by stage and compares each stage of layer 1 (and input_norm of layer 0,
/// whose operator differs: the worse of the two is reported). Outputs are poisoned first, so an
/// element that was never written fails. The stages that work in place, the fused norms and rotary,
/// are not poisoned: an element that they never wrote still holds the input, which is not the
/// expected result. Small shapes are compared whole, large ones by a random sample of about
/// `samples` outputs.
std::vector<StageError> check_step(DecodeStep& step, std::uint64_t seed, int samples = 2048);

}  // namespace perfgate
