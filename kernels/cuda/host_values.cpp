// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/host_values.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <bit>

namespace perfgate {
namespace {

// This is branch-free, because millions of sampled weights pass through it: shifting the exponent
// and mantissa into a float leaves an exponent that is 112 too small, and multiplying by 2^112
// corrects it, for subnormals too.
double half_to_double(std::uint16_t bits) {
  const std::uint32_t magnitude = (bits & 0x7fffu) << 13;
  const std::uint32_t sign = (bits & 0x8000u) << 16;
  const std::uint32_t special = (bits & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0u;
  const float scaled = std::bit_cast<float>(magnitude) * 0x1p112f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special | sign);
}

double bfloat16_to_double(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace

std::vector<double> to_doubles(DType dtype, std::span<const std::uint16_t> bits) {
  std::vector<double> values(bits.size());
  // The loop is written twice instead of taking a function pointer: a call for each element would
  // take most of the time.
  if (dtype == DType::fp16) {
    for (std::size_t i = 0; i < bits.size(); ++i) values[i] = half_to_double(bits[i]);
  } else {
    for (std::size_t i = 0; i < bits.size(); ++i) values[i] = bfloat16_to_double(bits[i]);
  }
  return values;
}

double round_to(DType dtype, double value) {
  if (dtype == DType::fp16) return static_cast<double>(__half2float(__double2half(value)));
  return static_cast<double>(__bfloat162float(__double2bfloat16(value)));
}

}  // namespace perfgate
