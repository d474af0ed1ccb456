// SPDX-License-Identifier: Apache-2.0
// The gated activation of the MLP: silu(gate) * up.
#pragma once

#include <span>
#include <vector>

#include "gate/decode/dtype.h"
#include "kernels/cuda/queue.h"

namespace perfgate {

/// out[r, i] = silu(gate_up[r, i]) * gate_up[r, columns + i]; gate_up: [rows, 2 columns], out:
/// [rows, columns]. columns is a multiple of 8 (std::invalid_argument otherwise), rows at most
/// 65535.
void silu_mul(DType dtype, const void* gate_up, void* out, int rows, int columns,
              const Queue& queue);

/// The reference for one row.
std::vector<double> silu_mul_reference(std::span<const double> gate_up);

}  // namespace perfgate
