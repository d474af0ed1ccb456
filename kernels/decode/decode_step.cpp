// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/decode_step.h"

#include <fmt/format.h>
#include <nvtx3/nvToolsExt.h>

#include "kernels/cuda/cuda_check.h"
#include "kernels/decode/decode_state.h"
#include "kernels/ops/kv_write.h"
#include "kernels/ops/silu_mul.h"

namespace perfgate {
namespace {

/// Without a tool, NVTX costs one test of a pointer; formatting the layer's name costs more.
class NvtxRange {
 public:
  explicit NvtxRange(const char* name) { nvtxRangePushA(name); }
  ~NvtxRange() { nvtxRangePop(); }
  NvtxRange(const NvtxRange&) = delete;
  NvtxRange& operator=(const NvtxRange&) = delete;
};

void run_norm(DecodeStep::State& state, const DeviceBuffer& weight, bool plain,
              const Queue& queue) {
  const DType dtype = state.workload.dtype;
  if (plain) {
    rms_norm(dtype, state.warm().residual.data(), weight.data(), state.warm().hidden.data(),
             state.norm_shape(), queue);
  } else {
    fused_add_rms_norm(dtype, state.warm().hidden.data(), state.warm().residual.data(),
                       weight.data(), state.norm_shape(), queue);
  }
}

void run_gemm(DecodeStep::State& state, int layer, Stage stage, const Queue& queue) {
  const GemmBuffers of = state.gemm_buffers(layer, stage);
  state.plans[static_cast<std::size_t>(stage)]->run(
      {of.in->data(), of.weight->data(), of.out->data()}, state.gemm_scratch(), queue);
}

}  // namespace

DecodeStep::DecodeStep(const Workload& workload, int layers, std::uint64_t seed,
                       cudaStream_t stream, const GemmSelection& gemms, const StepMemory& memory)
    : m_state(std::make_unique<State>(workload, layers, seed, stream, gemms, memory)) {
  reset();
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
}

DecodeStep::~DecodeStep() = default;

const Workload& DecodeStep::workload() const {
  return m_state->workload;
}
int DecodeStep::layers() const {
  return static_cast<int>(m_state->layers.size());
}
cudaStream_t DecodeStep::stream() const {
  return m_state->stream;
}
DecodeStep::State& DecodeStep::state() {
  return *m_state;
}

void DecodeStep::use_activations(int set) {
  m_state->set = static_cast<std::size_t>(set % activation_sets);
}

void DecodeStep::reset() {
  check(cudaMemcpyAsync(m_state->warm().residual.data(), m_state->input.data(),
                        m_state->input.bytes(), cudaMemcpyDeviceToDevice, m_state->stream),
        "cudaMemcpyAsync");
}

void DecodeStep::run(int step) {
  use_activations(step);
  reset();
  run_layers(step);
}

void DecodeStep::run_layers(int step) {
  for (int layer = 0; layer < layers(); ++layer) run_layer(step, layer);
}

void DecodeStep::run_layer(int step, int layer) {
  char name[48];
  *fmt::format_to(name, "decode_{}_{}", step, layer) = '\0';
  const NvtxRange range(name);
  for (const StageInfo& info : stages) {
    const NvtxRange stage_range(info.id.data());  // a literal, so it ends with a zero
    run_stage(layer, info.stage);
  }
}

void DecodeStep::stretch(const StretchPlan& plan) {
  m_stretched = plan;
  m_stretch.emplace(plan.ratio);
}

void DecodeStep::run_stage(int layer, Stage stage) {
  if (!m_stretched.covers(stage)) return run_operator(layer, stage);
  m_stretch->begin(m_state->stream);
  run_operator(layer, stage);
  m_stretch->end(m_state->stream);
}

void DecodeStep::overlap(Overlap how) {
  m_overlap = how;
}

// Only a kernel can let the next one begin early, and layer 0's input_norm follows reset()'s copy.
// The markers of a stretched step do not support overlap.
Queue DecodeStep::queue_for(int layer, Stage stage) const {
  const bool after_copy = layer == 0 && stage == Stage::input_norm;
  return {m_state->stream, after_copy || m_stretch ? Overlap::off : m_overlap};
}

void DecodeStep::run_operator(int layer, Stage stage) {
  State& state = *m_state;
  const LayerBuffers& own = state.layers.at(static_cast<std::size_t>(layer));
  const DType dtype = state.workload.dtype;
  const Queue queue = queue_for(layer, stage);
  switch (stage) {
    case Stage::input_norm:
      return run_norm(state, own.input_norm, layer == 0, queue);
    case Stage::post_norm:
      return run_norm(state, own.post_norm, false, queue);
    case Stage::rotary:
      return rotary(dtype, state.warm().qkv.data(), state.warm().positions.as<std::int64_t>(),
                    state.warm().cos_sin.data(), state.qkv_weights(layer), state.heads_shape(),
                    queue);
    case Stage::kv_write:
      return kv_write(dtype, state.warm().qkv.data(), state.warm().slot_mapping.as<std::int64_t>(),
                      own.key_cache.data(), own.value_cache.data(), state.qkv_weights(layer).bias,
                      state.heads_shape(), queue);
    case Stage::attention:
      return attention(dtype, state.attention_buffers(layer), state.attention, state.splits, queue);
    case Stage::silu_mul:
      return silu_mul(dtype, state.warm().gate_up.data(), state.warm().act.data(),
                      state.workload.batch, state.workload.model.intermediate, queue);
    case Stage::qkv_proj:
    case Stage::o_proj:
    case Stage::gate_up_proj:
    case Stage::down_proj:
      return run_gemm(state, layer, stage, queue);
  }
}

}  // namespace perfgate
