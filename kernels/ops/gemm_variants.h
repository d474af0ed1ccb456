// SPDX-License-Identifier: Apache-2.0
// The kernels that can compute a projection, as one table, and which of them does. All of it is
// data and arithmetic: it needs no GPU.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gate/decode/gemm_choice.h"

namespace perfgate {

enum class GemmKernel { cublas, skinny, tma };

/// One way to compute a GEMM. `id` is what requests and records say: r: rows of weight a block,
/// d: chunks of k in flight a warp (skinny_gemm), s: slabs of k in a slot of the ring (tma_gemm),
/// w: warps a block where they are not 16, p: blocks an SM (of skinny_gemm such that stay and take
/// one tile after another), pair: blocks that share rows and take half of k each, e: weights that
/// leave the L2 first, and come by 128 bytes.
struct GemmVariant {
  std::string_view id;
  GemmKernel kernel;
  int most_m = 0;         ///< the most rows of `in`; 0: any
  int weight_rows = 0;    ///< of a block, or of a pair
  int depth = 0;          ///< skinny_gemm: chunks of k in flight a warp; tma_gemm: slabs in a slot
  int warps = 0;          ///< that multiply
  int blocks_per_sm = 0;  ///< skinny_gemm: that stay; 0: a block for each tile
  int split = 1;          ///< tma_gemm: 2 for pairs of blocks, each with half of k
  int most_slots = 0;     ///< tma_gemm: slots of the ring; 0: as many as fit
  bool streams = false;   ///< tma_gemm: the weights leave the L2 first
};

inline constexpr std::array gemm_variants{
    GemmVariant{"cublas", GemmKernel::cublas},
    GemmVariant{"skinny_r16_d4", GemmKernel::skinny, 8, 16, 4, 16},
    GemmVariant{"skinny_r16_d2", GemmKernel::skinny, 16, 16, 2, 16},
    GemmVariant{"skinny_r32_d2", GemmKernel::skinny, 32, 32, 2, 16},
    GemmVariant{"skinny_r16_d4_p1", GemmKernel::skinny, 16, 16, 4, 16, 1},
    GemmVariant{"skinny_r32_d2_p1", GemmKernel::skinny, 16, 32, 2, 16, 1},
    GemmVariant{"skinny_r32_d4_p1", GemmKernel::skinny, 8, 32, 4, 16, 1},
    GemmVariant{"skinny_r48_d2_p1", GemmKernel::skinny, 16, 48, 2, 16, 1},
    GemmVariant{"skinny_r32_d2_w8_p2", GemmKernel::skinny, 16, 32, 2, 8, 2},
    GemmVariant{"tma_r64_s2_pair", GemmKernel::tma, 64, 64, 2, 4, 1, 2},
    GemmVariant{"tma_r64_s2_pair_e", GemmKernel::tma, 64, 64, 2, 4, 1, 2, 0, true},
    GemmVariant{"tma_r48_s2", GemmKernel::tma, 64, 48, 2, 4, 1},
    GemmVariant{"tma_r48_s2_e", GemmKernel::tma, 64, 48, 2, 4, 1, 1, 0, true},
    GemmVariant{"tma_r64_s2", GemmKernel::tma, 64, 64, 2, 4, 1},
    GemmVariant{"tma_r96_s1", GemmKernel::tma, 64, 96, 1, 4, 1},
    GemmVariant{"tma_r96_s1_e", GemmKernel::tma, 64, 96, 1, 4, 1, 1, 0, true},
    GemmVariant{"tma_r56_s1_p3", GemmKernel::tma, 64, 56, 1, 4, 3},
    GemmVariant{"tma_r88_s1_p2", GemmKernel::tma, 64, 88, 1, 4, 2, 1, 6},
    GemmVariant{"tma_r112_s1_p2", GemmKernel::tma, 64, 112, 1, 4, 2},
    GemmVariant{"tma_r144_s1_p2", GemmKernel::tma, 64, 144, 1, 4, 2},
    GemmVariant{"tma_r224_s1", GemmKernel::tma, 64, 224, 1, 4, 1},
    GemmVariant{"tma_r224_s1_e", GemmKernel::tma, 64, 224, 1, 4, 1, 1, 0, true},
};

/// Device pointers: in [m, k], weight [n, k], out [m, n].
struct GemmOperands {
  const void *in, *weight;
  void* out;
};

/// What the choice depends on besides the GEMM.
struct GemmDevice {
  int compute_capability = 0;  ///< 90 for 9.0
  double memory_bytes_per_s = 0;
  int sm_count = 0;
};

/// Returns why a variant cannot compute this shape on this device; empty when it can.
std::string refusal_of(const GemmVariant& variant, const GemmShape& shape,
                       const GemmDevice& device);

/// Throws UsageError naming an unknown variant and the ones that there are.
const GemmVariant& variant_named(std::string_view name);

/// Returns the variant for a GEMM. GemmBackend::automatic takes the selection's choice if there is
/// one, else that of the shipped table, else one of our own kernels on compute capability 9.0 and
/// cuBLASLt's first pick elsewhere. So it depends on request, shape and GPU alone, and is the same
/// in every process. Throws UsageError for a choice that is not built or does not take the shape,
/// and when our own kernels are asked for and none takes it.
const GemmVariant& choose_variant(const GemmShape& shape, DType dtype, const GemmDevice& device,
                                  const GemmSelection& selection);

}  // namespace perfgate
