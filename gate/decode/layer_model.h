// SPDX-License-Identifier: Apache-2.0
// The built-in work: the shape of a model, the stages of one decode layer, and the bytes that each
// stage cannot avoid moving. Pure data and arithmetic; the gate and the runner share it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gate/decode/dtype.h"

namespace perfgate {

/// Shape of one transformer layer of a decoder, as in the model's Hugging Face `config.json`.
struct ModelShape {
  std::string name;
  int hidden = 0;        ///< H, hidden_size
  int layers = 0;        ///< layers of the whole model; only the resident ones are measured
  int query_heads = 0;   ///< hq, num_attention_heads
  int kv_heads = 0;      ///< hk, num_key_value_heads
  int head_dim = 0;      ///< d
  int intermediate = 0;  ///< I, intermediate_size
  int vocab = 0;
  double rope_theta = 0;
  double rms_eps = 0;
  bool qkv_bias = false;  ///< q, k and v get a bias after their projection (Qwen2)
  bool qk_norm = false;   ///< each head of q and k is RMS-normalised before the rotation (Qwen3)

  int qkv_columns() const { return (query_heads + 2 * kv_heads) * head_dim; }
  bool operator==(const ModelShape&) const = default;
};

/// The input of one decode step: `batch` sequences that each hold `context` tokens, including the
/// new one.
struct Workload {
  ModelShape model;
  int batch = 0;
  int context = 0;
  DType dtype = DType::fp16;

  bool operator==(const Workload&) const = default;
};

/// The stages of one decode layer, in the order in which they run.
enum class Stage {
  input_norm,
  qkv_proj,
  rotary,
  kv_write,
  attention,
  o_proj,
  post_norm,
  gate_up_proj,
  silu_mul,
  down_proj,
};

struct StageInfo {
  Stage stage;
  std::string_view id;
  std::string_view op;  ///< the operator's name, for people
};

inline constexpr std::array<StageInfo, 10> stages{{
    {Stage::input_norm, "input_norm", "fused_add_rms_norm"},
    {Stage::qkv_proj, "qkv_proj", "GEMM"},
    {Stage::rotary, "rotary", "RoPE"},
    {Stage::kv_write, "kv_write", "reshape_and_cache"},
    {Stage::attention, "attention", "paged split-KV attention"},
    {Stage::o_proj, "o_proj", "GEMM"},
    {Stage::post_norm, "post_norm", "fused_add_rms_norm"},
    {Stage::gate_up_proj, "gate_up_proj", "GEMM"},
    {Stage::silu_mul, "silu_mul", "silu(gate) * up"},
    {Stage::down_proj, "down_proj", "GEMM"},
}};

std::string_view stage_id(Stage stage);

/// The implementation of the GEMM stages.
enum class GemmBackend { automatic, own, cublas };
struct GemmBackendInfo {
  GemmBackend backend;
  std::string_view id, meaning;
};
inline constexpr std::array<GemmBackendInfo, 3> gemm_backends{{
    {GemmBackend::automatic, "auto", "our own kernels where they were measured to be faster"},
    {GemmBackend::own, "own", "our own kernels; refuses a shape that none of them takes"},
    {GemmBackend::cublas, "cublas", "cuBLASLt's first pick"},
}};
std::string_view gemm_backend_id(GemmBackend backend);

/// A row-major GEMM out[M,N] = in[M,K] * weight[N,K]^T.
struct GemmShape {
  std::int64_t m = 0, n = 0, k = 0;

  bool operator==(const GemmShape&) const = default;
};

/// Returns the GEMM of a stage; empty for the other stages.
std::optional<GemmShape> gemm_shape(const Workload& workload, Stage stage);

/// Tokens in one block of the paged KV cache, as in vLLM.
inline constexpr int kv_block_tokens = 16;

/// HBM bytes that a stage must move when weights and KV are cold. The activations count too,
/// though they are warm in L2: the operator touches them. Rotary reads the bias of q and k and the
/// norms of their heads, kv_write reads v's bias.
double stage_bytes(const Workload& workload, Stage stage);

/// Arithmetic operations that a stage needs; a multiply-add counts as two. GEMM: 2mnk. Attention:
/// its two matrix products, without the softmax. The other stages follow their formulas, in which
/// an exponential, a division or a root counts as one: an element costs 5 in the norms (add,
/// square, sum, two factors), 3 in RoPE (six a pair), 5 in silu(gate) * up, 1 for a bias, 4 in a
/// head's norm (nothing is added there); without a bias kv_write only moves bytes: 0.
double stage_operations(const Workload& workload, Stage stage);

/// Sum over the stages of a layer, bytes.
double layer_bytes(const Workload& workload);

/// Bytes of the weights in one layer: the four GEMMs, the two norms, and the bias and norms of q, k
/// and v.
double layer_weight_bytes(const Workload& workload);

/// How many distinct layers a step must hold so that a weight is cold when it is used again: the
/// bytes between two uses are at least five times the L2, and there are at least four layers.
int resident_layers(const Workload& workload, std::int64_t l2_bytes);

/// `llama-2-7b/b1/s1024/fp16`
std::string workload_id(const Workload& workload);

}  // namespace perfgate
