// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/gemm_variants.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"
#include "kernels/cuda/memory_kind.h"

namespace perfgate {
namespace {

constexpr int hopper = 90;  // the only compute capability with wgmma, and where ours were measured
constexpr std::int64_t skinny_n = 32, skinny_k = 128, tma_n = 8, tma_k = 256;

/// A row of the shipped table: the first that fits a GEMM and its device is taken. Of n and k, 0
/// stands for any; `most_m` is the largest batch.
struct ShippedChoice {
  int compute_capability;
  double least_bytes_per_s;
  std::int64_t most_m, n, k;
  std::string_view variant;
};

/// Hopper with HBM3e, as `perfgate-runner tune` found it in layers of llama-2-7b and llama-3.1-8b
/// (NVIDIA H200, driver 580.159.04, 2026-11-29; docs/results.md).
constexpr double hbm3e = hbm3e_bytes_per_s;
constexpr std::array shipped_choices{
    ShippedChoice{hopper, hbm3e, 16, 6144, 4096, "skinny_r48_d2_p1"},
    ShippedChoice{hopper, hbm3e, 8, 12288, 4096, "skinny_r48_d2_p1"},
    ShippedChoice{hopper, hbm3e, 1, 4096, 4096, "skinny_r32_d2_p1"},
    ShippedChoice{hopper, hbm3e, 1, 0, 0, "skinny_r32_d4_p1"},
    ShippedChoice{hopper, hbm3e, 8, 4096, 11008, "skinny_r32_d2_p1"},
    ShippedChoice{hopper, hbm3e, 8, 4096, 14336, "skinny_r32_d2_p1"},
    ShippedChoice{hopper, hbm3e, 8, 22016, 4096, "tma_r56_s1_p3"},
    ShippedChoice{hopper, hbm3e, 8, 0, 0, "skinny_r32_d4_p1"},
    ShippedChoice{hopper, hbm3e, 16, 22016, 4096, "tma_r96_s1_e"},
    ShippedChoice{hopper, hbm3e, 16, 28672, 4096, "tma_r224_s1"},
    ShippedChoice{hopper, hbm3e, 32, 12288, 4096, "tma_r96_s1_e"},
    ShippedChoice{hopper, hbm3e, 16, 0, 0, "skinny_r32_d2_p1"},
    ShippedChoice{hopper, hbm3e, 64, 22016, 4096, "tma_r56_s1_p3"},
    ShippedChoice{hopper, hbm3e, 32, 28672, 4096, "tma_r224_s1_e"},
    ShippedChoice{hopper, hbm3e, 64, 6144, 4096, "tma_r48_s2_e"},
    ShippedChoice{hopper, hbm3e, 64, 4096, 0, "tma_r64_s2_pair_e"},
    ShippedChoice{hopper, hbm3e, 64, 28672, 4096, "tma_r224_s1"},
};

/// The smallest tile of tma_gemm with which all blocks run at once; the largest where none does.
std::string_view tma_tile(std::int64_t n, std::int64_t blocks) {
  if (n <= 64 * (blocks / 2)) return "tma_r64_s2_pair";
  if (n <= 48 * blocks) return "tma_r48_s2";
  if (n <= 64 * blocks) return "tma_r64_s2";
  if (n <= 96 * blocks) return "tma_r96_s1";
  if (n <= 88 * 2 * blocks) return "tma_r88_s1_p2";
  if (n <= 112 * 2 * blocks) return "tma_r112_s1_p2";
  return "tma_r144_s1_p2";
}

std::string_view skinny_tile(std::int64_t m) {
  return m <= 8 ? "skinny_r16_d4" : "skinny_r32_d2";
}

const GemmVariant* if_it_takes(std::string_view name, const GemmShape& shape,
                               const GemmDevice& device) {
  const GemmVariant& variant = variant_named(name);
  return refusal_of(variant, shape, device).empty() ? &variant : nullptr;
}

/// Returns one of our own kernels on compute capability 9.0, where they were measured against
/// cuBLASLt and were the faster ones in a layer of llama-2-7b and llama-3.1-8b (docs/results.md).
/// Up to 16 rows tma_gemm alone is faster in most shapes of an H100, but not in the layer: the
/// kernels before and after find little shared memory beside it.
const GemmVariant& faster_variant(const GemmShape& shape, const GemmDevice& device) {
  for (const ShippedChoice& row : shipped_choices)
    if (row.compute_capability == device.compute_capability &&
        device.memory_bytes_per_s >= row.least_bytes_per_s && (row.n == 0 || row.n == shape.n) &&
        (row.k == 0 || row.k == shape.k) && shape.m <= row.most_m)
      if (const GemmVariant* variant = if_it_takes(row.variant, shape, device)) return *variant;
  const GemmVariant* own = nullptr;
  constexpr std::int64_t skinny_rows = 16;
  if (device.compute_capability == hopper)
    own = if_it_takes(
        shape.m <= skinny_rows ? skinny_tile(shape.m) : tma_tile(shape.n, device.sm_count), shape,
        device);
  return own ? *own : variant_named("cublas");
}

const GemmVariant* chosen_variant(const GemmShape& shape, DType dtype, const GemmDevice& device,
                                  const std::vector<GemmChoice>& choices) {
  const auto choice = std::find_if(choices.begin(), choices.end(), [&](const GemmChoice& one) {
    return one.shape == shape && one.dtype == dtype;
  });
  if (choice == choices.end()) return nullptr;
  const GemmVariant& variant = variant_named(choice->variant);
  if (const std::string why = refusal_of(variant, shape, device); !why.empty())
    throw UsageError(fmt::format("GEMM variant {} for {} x {} x {} (batch, N, K): {}", variant.id,
                                 shape.m, shape.n, shape.k, why));
  return &variant;
}

}  // namespace

std::string refusal_of(const GemmVariant& variant, const GemmShape& shape,
                       const GemmDevice& device) {
  if (variant.kernel == GemmKernel::cublas) return "";
  const bool tma = variant.kernel == GemmKernel::tma;
  const std::int64_t n = tma ? tma_n : skinny_n, k = tma ? tma_k : skinny_k;
  if (tma && device.compute_capability != hopper) return "only on compute capability 9.0";
  if (shape.m < 1 || shape.m > variant.most_m)
    return fmt::format("batch at most {}", variant.most_m);
  if (shape.n < n || shape.n % n != 0) return fmt::format("N a multiple of {}", n);
  if (!tma && shape.n % variant.weight_rows != 0)
    return fmt::format("N a multiple of {}", variant.weight_rows);
  if (shape.k < k || shape.k % k != 0) return fmt::format("K a multiple of {}", k);
  // A block that stays goes on with the next tile where its turns at this one end.
  constexpr std::int64_t chunk_k = 32;
  const std::int64_t turns_k = chunk_k * variant.depth * variant.warps;
  if (!tma && variant.blocks_per_sm > 0 && shape.k < turns_k)
    return fmt::format("K at least {}", turns_k);
  return "";
}

const GemmVariant& variant_named(std::string_view id) {
  if (const GemmVariant* variant = find_by_id(gemm_variants, id)) return *variant;
  throw UsageError(fmt::format("this build has no GEMM variant '{}'{}; it has {}", printable(id),
                               did_you_mean(id, ids_of(gemm_variants)),
                               fmt::join(ids_of(gemm_variants), ", ")));
}

const GemmVariant& choose_variant(const GemmShape& shape, DType dtype, const GemmDevice& device,
                                  const GemmSelection& selection) {
  if (selection.backend == GemmBackend::cublas) return variant_named("cublas");
  if (const GemmVariant* chosen = chosen_variant(shape, dtype, device, selection.choices))
    return *chosen;
  const GemmVariant& faster = faster_variant(shape, device);
  if (selection.backend == GemmBackend::automatic || faster.kernel != GemmKernel::cublas)
    return faster;
  for (const std::string_view name : {skinny_tile(shape.m), tma_tile(shape.n, device.sm_count)})
    if (const GemmVariant* own = if_it_takes(name, shape, device)) return *own;
  throw UsageError(
      fmt::format("backend own: the GEMM of {} x {} x {} (batch, N, K) is none of ours: batch at "
                  "most 32, N a multiple of 32, K of 128, or, on compute capability 9.0, batch at "
                  "most 64, N a multiple of 8, K of 256; use --backend auto",
                  shape.m, shape.n, shape.k));
}

}  // namespace perfgate
