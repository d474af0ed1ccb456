// SPDX-License-Identifier: Apache-2.0
// The only source of randomness: a counter goes in, 64 well mixed bits come out. So every value is
// a function of the seed and its index, the same on each machine and for each launch shape.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace perfgate {

/// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
__host__ __device__ inline std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace perfgate
