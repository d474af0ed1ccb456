// SPDX-License-Identifier: Apache-2.0
// RMSNorm, plain and fused with the residual addition as in vLLM.
#pragma once

#include <span>
#include <vector>

#include "gate/decode/dtype.h"
#include "kernels/cuda/queue.h"

namespace perfgate {

struct NormShape {
  int rows = 0;
  int columns = 0;  ///< a multiple of 8, at most 16384 (std::invalid_argument otherwise)
  float eps = 0;
};

/// out[r] = in[r] / sqrt(mean(in[r]^2) + eps) * weight. in, out: [rows, columns]; weight:
/// [columns].
void rms_norm(DType dtype, const void* in, const void* weight, void* out, const NormShape& shape,
              const Queue& queue);

/// In place: residual += hidden, rounded to the element type; hidden = rms_norm(residual).
void fused_add_rms_norm(DType dtype, void* hidden, void* residual, const void* weight,
                        const NormShape& shape, const Queue& queue);

/// The reference for one row of rms_norm.
std::vector<double> rms_norm_reference(std::span<const double> row, std::span<const double> weight,
                                       double eps);

struct FusedNormRow {
  std::vector<double> residual, hidden;
};

/// The reference for one row of fused_add_rms_norm.
FusedNormRow fused_add_rms_norm_reference(DType dtype, std::span<const double> hidden,
                                          std::span<const double> residual,
                                          std::span<const double> weight, double eps);

}  // namespace perfgate
