// SPDX-License-Identifier: Apache-2.0
// What a DecodeStep holds on the device. Only decode_step.cpp and step_check.cpp use it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cuda/device_arena.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/decode/decode_step.h"
#include "kernels/ops/attention.h"
#include "kernels/ops/gemm.h"
#include "kernels/ops/rms_norm.h"
#include "kernels/ops/rotary.h"

namespace perfgate {

/// Converts a dimension, which is signed, to the size of a container, which is not.
constexpr std::size_t to_size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

/// The memory of one layer: it is cold at its next use.
struct LayerBuffers {
  DeviceBuffer input_norm, post_norm;        ///< [H]
  DeviceBuffer wqkv, wo, w_gate_up, w_down;  ///< [N, K] each
  DeviceBuffer qkv_bias;                     ///< [(hq + 2 hk) d]; empty without one
  DeviceBuffer q_norm, k_norm;               ///< [d] each; empty without them
  DeviceBuffer key_cache, value_cache;       ///< [batch * max_blocks, 16, hk, d]
};

/// Small tensors that stay warm in the L2: those that one kernel hands to the next, and the
/// indices.
struct Activations {
  DeviceBuffer hidden, residual;         ///< [B, H]
  DeviceBuffer qkv;                      ///< [B, (hq + 2 hk) d]
  DeviceBuffer attn_out;                 ///< [B, hq d]
  DeviceBuffer gate_up;                  ///< [B, 2I]
  DeviceBuffer act;                      ///< [B, I]
  DeviceBuffer cos_sin;                  ///< [context, d]
  DeviceBuffer positions, slot_mapping;  ///< int64 [B]
  DeviceBuffer block_table;              ///< int32 [B, max_blocks]
  DeviceBuffer seq_lens;                 ///< int32 [B]
  DeviceBuffer attention_workspace;      ///< attention_workspace_bytes
};

/// The tensors of one GEMM stage.
struct GemmBuffers {
  const DeviceBuffer *in, *weight, *out;
};

struct DecodeStep::State {
  /// Does all that DecodeStep's constructor promises, except waiting for the last fill.
  State(const Workload& wanted, int layer_count, std::uint64_t seed, cudaStream_t work_stream,
        const GemmSelection& gemms, const StepMemory& memory);

  Workload workload;
  cudaStream_t stream = nullptr;

  DeviceArena own_memory;  ///< used if no other is given; declared before the buffers inside it

  // These are warm: every layer uses them.
  std::array<Activations, activation_sets> activations;
  std::size_t set = 0;  ///< the activations in use
  DeviceBuffer input;   ///< [B, H]
  /// Each set's part starts workspace_stride_bytes after the one before.
  DeviceBuffer gemm_workspace;
  std::vector<LayerBuffers> layers;

  CublasLt cublas;  // declared before the plans, which use it
  std::array<std::optional<GemmPlan>, stages.size()> plans;  ///< by stage; only GEMMs have one
  AttentionShape attention;
  int splits = 1;  ///< of each context, in the attention kernel

  /// From now on computes a GEMM stage as `selection` says.
  void plan_gemm(Stage stage, const GemmSelection& selection);

  const Activations& warm() const { return activations[set]; }
  void* gemm_scratch() const;
  NormShape norm_shape() const;
  HeadsShape heads_shape() const;
  QkvWeights qkv_weights(int layer) const;
  AttentionBuffers attention_buffers(int layer) const;
  /// Returns the tensors of a GEMM stage.
  GemmBuffers gemm_buffers(int layer, Stage stage) const;
};

}  // namespace perfgate
