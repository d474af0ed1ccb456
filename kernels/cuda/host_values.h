// SPDX-License-Identifier: Apache-2.0
// Converts 16-bit elements on the host to doubles, which the CPU references compute with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gate/decode/dtype.h"

namespace perfgate {

/// The values of fp16 or bf16 bit patterns; exact, NaN stays NaN.
std::vector<double> to_doubles(DType dtype, std::span<const std::uint16_t> bits);

/// `value` rounded to the nearest element of the type (ties to even).
double round_to(DType dtype, double value);

}  // namespace perfgate
