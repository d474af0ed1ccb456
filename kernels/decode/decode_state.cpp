// SPDX-License-Identifier: Apache-2.0
// Allocates and fills the memory of a decode step; its size is checked before it is taken.
#include "kernels/decode/decode_state.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/hash.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/random_fill.h"

namespace perfgate {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;
constexpr std::size_t workspace_stride_bytes = mebibyte + 4096;

void require(bool holds, const Workload& workload, const char* what) {
  if (!holds) throw std::invalid_argument(fmt::format("{}: {}", workload_id(workload), what));
}

void require_supported(const Workload& workload, int layers) {
  const ModelShape& model = workload.model;
  require(workload.batch > 0 && workload.context > 0 && layers > 0, workload,
          "batch, context and layers must be positive");
  require(model.head_dim == attention_head_dim, workload, "head_dim must be 128");
  require(model.hidden > 0 && model.hidden % 8 == 0 && model.intermediate > 0 &&
              model.intermediate % 8 == 0,
          workload, "hidden and intermediate must be multiples of 8");
  require(model.kv_heads > 0 && model.query_heads > 0 && model.query_heads % model.kv_heads == 0 &&
              model.query_heads / model.kv_heads <= attention_max_group,
          workload, "query_heads must be 1 to 8 times kv_heads");
}

/// Every buffer and its size. One place computes them before anything is allocated, so that the
/// checked size is the size that is then taken.
using Allocations = std::vector<std::pair<DeviceBuffer*, std::size_t>>;

Allocations plan_allocations(DecodeStep::State& state) {
  const ModelShape& model = state.workload.model;
  const std::int64_t batch = state.workload.batch;
  const auto elements = [](std::int64_t rows, std::int64_t columns) {
    return to_size(rows * columns * element_bytes);
  };
  const auto weight_bytes = [&](Stage stage) {
    const GemmShape shape = *gemm_shape(state.workload, stage);
    return elements(shape.n, shape.k);
  };
  Allocations all{
      {&state.input, elements(batch, model.hidden)},
      {&state.gemm_workspace,
       gemm_workspace_bytes + (state.activations.size() - 1) * workspace_stride_bytes},
  };
  for (Activations& set : state.activations) {
    all.insert(
        all.end(),
        {{&set.hidden, elements(batch, model.hidden)},
         {&set.residual, elements(batch, model.hidden)},
         {&set.qkv, elements(batch, model.qkv_columns())},
         {&set.attn_out, elements(batch, model.query_heads * model.head_dim)},
         {&set.gate_up, elements(batch, 2 * model.intermediate)},
         {&set.act, elements(batch, model.intermediate)},
         {&set.cos_sin, elements(state.workload.context, model.head_dim)},
         {&set.positions, to_size(batch) * sizeof(std::int64_t)},
         {&set.slot_mapping, to_size(batch) * sizeof(std::int64_t)},
         {&set.block_table, to_size(batch * state.attention.max_blocks) * sizeof(std::int32_t)},
         {&set.seq_lens, to_size(batch) * sizeof(std::int32_t)},
         {&set.attention_workspace, attention_workspace_bytes(state.attention, state.splits)}});
  }
  const std::int64_t slots = batch * state.attention.max_blocks * kv_block_tokens;
  const std::size_t cache_bytes = elements(slots, model.kv_heads * model.head_dim);
  for (LayerBuffers& layer : state.layers) {
    all.insert(all.end(), {{&layer.input_norm, elements(1, model.hidden)},
                           {&layer.post_norm, elements(1, model.hidden)},
                           {&layer.wqkv, weight_bytes(Stage::qkv_proj)},
                           {&layer.wo, weight_bytes(Stage::o_proj)},
                           {&layer.w_gate_up, weight_bytes(Stage::gate_up_proj)},
                           {&layer.w_down, weight_bytes(Stage::down_proj)},
                           {&layer.qkv_bias, model.qkv_bias ? elements(1, model.qkv_columns()) : 0},
                           {&layer.q_norm, model.qk_norm ? elements(1, model.head_dim) : 0},
                           {&layer.k_norm, model.qk_norm ? elements(1, model.head_dim) : 0},
                           {&layer.key_cache, cache_bytes},
                           {&layer.value_cache, cache_bytes}});
  }
  return all;
}

void allocate(DecodeStep::State& state, const StepMemory& memory) {
  DeviceArena& arena = memory.arena ? *memory.arena : state.own_memory;
  const Allocations all = plan_allocations(state);
  std::vector<std::size_t> sizes;
  for (const auto& [buffer, bytes] : all) sizes.push_back(bytes);
  const MemoryLayout layout = lay_out(sizes);
  const std::size_t wanted = memory.offset_bytes + layout.bytes;
  // The reserve holds the code of cuBLAS and of the profiler.
  const std::size_t needed = wanted + gpu_page_bytes + 256 * mebibyte;
  std::size_t free_bytes = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free_bytes, &total), "cudaMemGetInfo");
  free_bytes += arena.taken_bytes();  // it frees what it has before it takes more
  if (needed > free_bytes) {
    throw DeviceError(
        fmt::format("{} with {} layers needs {} MiB of GPU memory; {} MiB of {} MiB are free",
                    workload_id(state.workload), state.layers.size(), needed / mebibyte,
                    free_bytes / mebibyte, total / mebibyte));
  }
  char* const first = arena.reserve(wanted) + memory.offset_bytes;
  for (std::size_t i = 0; i < all.size(); ++i)
    *all[i].first = DeviceBuffer(first + layout.offsets[i], all[i].second);
}

/// Returns a permutation of 0 to n - 1 that is the same on every machine (std::shuffle's is not).
std::vector<std::int32_t> shuffled(std::int32_t n, std::uint64_t seed) {
  std::vector<std::int32_t> order(to_size(n));
  for (std::int32_t i = 0; i < n; ++i) order[to_size(i)] = i;
  for (std::int32_t i = n - 1; i > 0; --i) {
    const auto other = mix64(seed + to_size(i)) % to_size(i + 1);
    std::swap(order[to_size(i)], order[other]);
  }
  return order;
}

/// This copy is asynchronous: `values` must live until the stream is synchronised.
template <class T>
void upload(const DeviceBuffer& to, const std::vector<T>& values, cudaStream_t stream) {
  check(cudaMemcpyAsync(to.data(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice,
                        stream),
        "cudaMemcpyAsync");
}

/// Each sequence holds `context` tokens, the last of which is the new one.
void fill_indices(DecodeStep::State& state, std::uint64_t seed) {
  const auto batch = to_size(state.workload.batch);
  const auto max_blocks = to_size(state.attention.max_blocks);
  const std::int64_t last = state.workload.context - 1;
  const std::vector<std::int32_t> table =
      shuffled(state.workload.batch * state.attention.max_blocks, seed);
  std::vector<std::int64_t> slots(batch);
  for (std::size_t b = 0; b < batch; ++b) {
    const std::int64_t block = table[b * max_blocks + to_size(last / kv_block_tokens)];
    slots[b] = block * kv_block_tokens + last % kv_block_tokens;
  }
  const std::vector<std::int64_t> positions(batch, last);
  const std::vector<std::int32_t> lengths(batch, state.workload.context);
  for (const Activations& set : state.activations) {
    upload(set.block_table, table, state.stream);
    upload(set.slot_mapping, slots, state.stream);
    upload(set.positions, positions, state.stream);
    upload(set.seq_lens, lengths, state.stream);
  }
  // The vectors end with this scope.
  check(cudaStreamSynchronize(state.stream), "cudaStreamSynchronize");
}

/// Weights have sigma 1 / sqrt(K), so that a projection keeps the size of its input.
void fill_values(DecodeStep::State& state, std::uint64_t seed) {
  const DType dtype = state.workload.dtype;
  std::uint64_t id = 0;
  const auto fill = [&](const DeviceBuffer& buffer, const Fill& how) {
    const auto count = static_cast<std::int64_t>(buffer.bytes()) / element_bytes;
    random_fill(dtype, buffer.data(), count, how, mix64(seed + ++id), 0, state.stream);
  };
  const auto fill_weight = [&](const DeviceBuffer& buffer, Stage stage) {
    const auto k = static_cast<double>(gemm_shape(state.workload, stage)->k);
    fill(buffer, {Fill::Shape::normal, 0, static_cast<float>(1 / std::sqrt(k))});
  };
  const Fill standard{};
  const Fill near_one{Fill::Shape::uniform, 1.0f, 0.1f};
  fill(state.input, standard);
  // A layer after the first may run alone; then its fused norm adds this.
  for (const Activations& set : state.activations)
    check(cudaMemsetAsync(set.hidden.data(), 0, set.hidden.bytes(), state.stream),
          "cudaMemsetAsync");
  for (const LayerBuffers& layer : state.layers) {
    fill(layer.input_norm, near_one);
    fill(layer.post_norm, near_one);
    fill_weight(layer.wqkv, Stage::qkv_proj);
    fill_weight(layer.wo, Stage::o_proj);
    fill_weight(layer.w_gate_up, Stage::gate_up_proj);
    fill_weight(layer.w_down, Stage::down_proj);
    fill(layer.key_cache, standard);
    fill(layer.value_cache, standard);
    if (state.workload.model.qkv_bias) fill(layer.qkv_bias, standard);
    if (state.workload.model.qk_norm) {
      fill(layer.q_norm, near_one);
      fill(layer.k_norm, near_one);
    }
  }
  for (const Activations& set : state.activations)
    fill_cos_sin(dtype, set.cos_sin.data(), state.workload.context, state.workload.model.head_dim,
                 state.workload.model.rope_theta, state.stream);
}

}  // namespace

DecodeStep::State::State(const Workload& wanted, int layer_count, std::uint64_t seed,
                         cudaStream_t work_stream, const GemmSelection& gemms,
                         const StepMemory& memory)
    : workload(wanted), stream(work_stream) {
  require_supported(workload, layer_count);
  layers.resize(to_size(layer_count));
  attention = {workload.batch, workload.model.query_heads, workload.model.kv_heads,
               workload.context, ceil_div(workload.context, kv_block_tokens)};
  splits = attention_splits(attention, sm_count());
  allocate(*this, memory);
  cublas = create_cublas_lt();
  for (const StageInfo& info : stages)
    if (gemm_shape(workload, info.stage)) plan_gemm(info.stage, gemms);
  fill_indices(*this, mix64(seed));
  fill_values(*this, seed);
}

void DecodeStep::State::plan_gemm(Stage stage, const GemmSelection& selection) {
  plans[static_cast<std::size_t>(stage)].emplace(cublas.get(), workload.dtype,
                                                 *gemm_shape(workload, stage), selection);
}

void* DecodeStep::State::gemm_scratch() const {
  return gemm_workspace.as<char>() + set * workspace_stride_bytes;
}

NormShape DecodeStep::State::norm_shape() const {
  return {workload.batch, workload.model.hidden, static_cast<float>(workload.model.rms_eps)};
}

HeadsShape DecodeStep::State::heads_shape() const {
  const ModelShape& model = workload.model;
  return {workload.batch, model.query_heads, model.kv_heads, model.head_dim};
}

QkvWeights DecodeStep::State::qkv_weights(int layer) const {
  const LayerBuffers& own = layers[static_cast<std::size_t>(layer)];
  const ModelShape& model = workload.model;
  return {model.qkv_bias ? own.qkv_bias.data() : nullptr,
          model.qk_norm ? own.q_norm.data() : nullptr, model.qk_norm ? own.k_norm.data() : nullptr,
          static_cast<float>(model.rms_eps)};
}

AttentionBuffers DecodeStep::State::attention_buffers(int layer) const {
  const LayerBuffers& own = layers[static_cast<std::size_t>(layer)];
  return {warm().qkv.data(),
          own.key_cache.data(),
          own.value_cache.data(),
          warm().block_table.as<std::int32_t>(),
          warm().seq_lens.as<std::int32_t>(),
          warm().attn_out.data(),
          warm().attention_workspace.data()};
}

GemmBuffers DecodeStep::State::gemm_buffers(int layer, Stage stage) const {
  const LayerBuffers& own = layers[static_cast<std::size_t>(layer)];
  switch (stage) {
    case Stage::qkv_proj:
      return {&warm().hidden, &own.wqkv, &warm().qkv};
    case Stage::o_proj:
      return {&warm().attn_out, &own.wo, &warm().hidden};
    case Stage::gate_up_proj:
      return {&warm().hidden, &own.w_gate_up, &warm().gate_up};
    case Stage::down_proj:
      return {&warm().act, &own.w_down, &warm().hidden};
    default:
      throw std::invalid_argument(fmt::format("{} is not a GEMM", stage_id(stage)));
  }
}

}  // namespace perfgate
