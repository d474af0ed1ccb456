// SPDX-License-Identifier: Apache-2.0
// Each stage is compared with a reference computed from that stage's own inputs, read back from the
// device, so errors do not add up, and the first wrong stage is the one that is named. The cheap
// stages are compared whole; the GEMMs and attention by sample, because their references need a
// weight row or a whole context for each output.
#include "kernels/decode/step_check.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <utility>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/device_reader.h"
#include "kernels/cuda/hash.h"
#include "kernels/cuda/random_fill.h"
#include "kernels/decode/comparison.h"
#include "kernels/decode/decode_state.h"
#include "kernels/decode/qkv_check.h"
#include "kernels/ops/silu_mul.h"

namespace perfgate {
namespace {

using Values = std::vector<double>;

std::span<const double> row_of(const Values& values, std::size_t row, std::size_t size) {
  return std::span(values).subspan(row * size, size);
}

/// Returns `count` distinct numbers below n in ascending order, one from each of `count` equal
/// strata: so no region of an output is left out and no stride coincides with a kernel's tiles.
std::vector<std::int64_t> sample(std::int64_t n, std::int64_t count, std::uint64_t seed) {
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < std::min(n, count); ++i) {
    const std::int64_t begin = i * n / std::min(n, count);
    const std::int64_t end = (i + 1) * n / std::min(n, count);
    const std::uint64_t place = mix64(seed + to_size(i)) % to_size(end - begin);
    chosen.push_back(begin + static_cast<std::int64_t>(place));
  }
  return chosen;
}

/// The references take most of a check's time, and each needs only its own inputs: while the device
/// runs the next stage, the CPU's other cores compute them.
using PendingOutcome = std::future<Outcome>;

template <class Compare>
PendingOutcome later(Compare compare) {
  return std::async(std::launch::async, std::move(compare));
}

class StageCheck {
 public:
  StageCheck(DecodeStep& step, std::uint64_t seed, int samples)
      : m_step(step),
        m_state(step.state()),
        m_model(m_state.workload.model),
        m_batch(to_size(m_state.workload.batch)),
        m_read(m_state.workload.dtype, m_state.stream),
        m_seed(seed),
        m_samples(samples) {}

  /// Runs the stage, reads its outputs, and returns the pending comparison.
  PendingOutcome run(int layer, Stage stage) const {
    switch (stage) {
      case Stage::input_norm:
        return layer == 0 ? plain_norm(layer) : fused_norm(layer, stage);
      case Stage::post_norm:
        return fused_norm(layer, stage);
      case Stage::rotary:
        return rotary_stage(layer);
      case Stage::kv_write:
        return kv_write_stage(layer);
      case Stage::attention:
        return attention_stage(layer);
      case Stage::silu_mul:
        return silu_mul_stage(layer);
      default:
        return gemm(layer, stage);
    }
  }

 private:
  const LayerBuffers& layer_buffers(int layer) const { return m_state.layers[to_size(layer)]; }

  PendingOutcome plain_norm(int layer) const {
    Values in = m_read.values(m_state.warm().residual);
    Values weight = m_read.values(layer_buffers(layer).input_norm);
    poison(m_state.warm().hidden, m_state.stream);
    m_step.run_stage(layer, Stage::input_norm);
    Values out = m_read.values(m_state.warm().hidden);
    return later([this, in = std::move(in), weight = std::move(weight), out = std::move(out)] {
      Comparison hidden;
      for (std::size_t b = 0; b < m_batch; ++b) {
        hidden.add(row_of(out, b, weight.size()),
                   rms_norm_reference(row_of(in, b, weight.size()), weight, m_model.rms_eps));
      }
      return outcome(hidden);
    });
  }

  PendingOutcome fused_norm(int layer, Stage stage) const {
    const LayerBuffers& own = layer_buffers(layer);
    Values hidden_in = m_read.values(m_state.warm().hidden);
    Values residual_in = m_read.values(m_state.warm().residual);
    Values weight = m_read.values(stage == Stage::input_norm ? own.input_norm : own.post_norm);
    m_step.run_stage(layer, stage);
    Values hidden_out = m_read.values(m_state.warm().hidden);
    Values residual_out = m_read.values(m_state.warm().residual);
    return later([this, hidden_in = std::move(hidden_in), residual_in = std::move(residual_in),
                  weight = std::move(weight), hidden_out = std::move(hidden_out),
                  residual_out = std::move(residual_out)] {
      const std::size_t size = weight.size();
      Comparison hidden, residual;
      for (std::size_t b = 0; b < m_batch; ++b) {
        const FusedNormRow row =
            fused_add_rms_norm_reference(m_state.workload.dtype, row_of(hidden_in, b, size),
                                         row_of(residual_in, b, size), weight, m_model.rms_eps);
        hidden.add(row_of(hidden_out, b, size), row.hidden);
        residual.add(row_of(residual_out, b, size), row.residual);
      }
      return worse(outcome(hidden), outcome(residual));
    });
  }

  /// Compares some columns of every row; a column costs the copy of one weight row.
  PendingOutcome gemm(int layer, Stage stage) const {
    const GemmShape shape = *gemm_shape(m_state.workload, stage);
    const GemmBuffers operands = m_state.gemm_buffers(layer, stage);
    constexpr std::int64_t small_weight = 1 << 20;
    const std::int64_t wanted = shape.n * shape.k <= small_weight
                                    ? shape.n
                                    : std::clamp<std::int64_t>(m_samples / shape.m, 64, 256);
    const auto columns = sample(shape.n, wanted, mix64(m_seed) + static_cast<std::size_t>(stage));
    Values in = m_read.values(*operands.in);
    Values weight = m_read.row_values(*operands.weight, to_size(shape.k), columns);
    poison(*operands.out, m_state.stream);
    m_step.run_stage(layer, stage);
    Values out = m_read.values(*operands.out);
    return later([this, shape, columns, in = std::move(in), weight = std::move(weight),
                  out = std::move(out)] {
      Values sampled;
      for (std::size_t row = 0; row < m_batch; ++row) {
        for (std::int64_t column : columns) {
          sampled.push_back(out[row * to_size(shape.n) + to_size(column)]);
        }
      }
      Comparison comparison;
      comparison.add(sampled, gemm_reference(in, weight, to_size(shape.k)));
      comparison.add_unsampled(out);
      return outcome(comparison);
    });
  }

  PendingOutcome rotary_stage(int layer) const {
    RotaryInputs before = read_rotary_inputs(m_state, layer, m_read);
    m_step.run_stage(layer, Stage::rotary);
    Bits after = m_read.bits(m_state.warm().qkv);
    return later([this, before = std::move(before), after = std::move(after)] {
      return compare_rotated(m_state.workload, before, after);
    });
  }

  /// The stage runs once, after the snapshots: a second run would hide a wrong write of the first.
  PendingOutcome kv_write_stage(int layer) const {
    const NewSlots slots(m_state, layer, m_read);
    const Values qkv = m_read.values(m_state.warm().qkv);
    m_step.run_stage(layer, Stage::kv_write);
    // There are too few elements for another thread.
    return later([result = slots.compare(qkv)] { return result; });
  }

  /// Compares all query heads of some (sequence, KV head) pairs: at most 16, and 65536 tokens in
  /// all.
  PendingOutcome attention_stage(int layer) const {
    const LayerBuffers& own = layer_buffers(layer);
    const auto d = to_size(m_model.head_dim);
    const std::int64_t kv_heads = m_model.kv_heads;
    const auto table = m_read.raw<std::int32_t>(m_state.warm().block_table);
    auto lengths = m_read.raw<std::int32_t>(m_state.warm().seq_lens);
    Values qkv = m_read.values(m_state.warm().qkv);
    poison(m_state.warm().attn_out, m_state.stream);
    m_step.run_stage(layer, Stage::attention);
    Values out = m_read.values(m_state.warm().attn_out);

    const auto pairs = sample(static_cast<std::int64_t>(m_batch) * kv_heads,
                              std::clamp(65536 / m_state.workload.context, 1, 16), mix64(~m_seed));
    std::vector<std::int64_t> rows;  // rows of the caches as [slots * kv_heads, d], pair by pair
    for (std::int64_t pair : pairs) {
      const std::size_t b = to_size(pair / kv_heads);
      for (std::int64_t t = 0; t < lengths[b]; ++t) {
        const std::int64_t block =
            table[b * to_size(m_state.attention.max_blocks) + to_size(t / kv_block_tokens)];
        rows.push_back((block * kv_block_tokens + t % kv_block_tokens) * kv_heads +
                       pair % kv_heads);
      }
    }
    Values keys = m_read.row_values(own.key_cache, d, rows);
    Values values = m_read.row_values(own.value_cache, d, rows);
    return later([this, pairs, lengths = std::move(lengths), qkv = std::move(qkv),
                  keys = std::move(keys), values = std::move(values), out = std::move(out)] {
      return compare_attention(pairs, lengths, qkv, keys, values, out);
    });
  }

  /// `keys` and `values` hold the contexts of the pairs, one after the other.
  Outcome compare_attention(const std::vector<std::int64_t>& pairs,
                            const std::vector<std::int32_t>& lengths, const Values& qkv,
                            const Values& keys, const Values& values, const Values& out) const {
    const auto d = to_size(m_model.head_dim);
    const std::int64_t kv_heads = m_model.kv_heads;
    const std::size_t group_size = to_size(m_model.query_heads / kv_heads) * d;
    Comparison comparison;
    std::size_t begin = 0;  // where the pair's keys start
    for (std::int64_t pair : pairs) {
      const std::size_t b = to_size(pair / kv_heads);
      const std::size_t size = to_size(lengths[b]) * d;
      const std::size_t q_at =
          b * to_size(m_model.qkv_columns()) + to_size(pair % kv_heads) * group_size;
      comparison.add(row_of(out, to_size(pair), group_size),
                     attention_reference(std::span(qkv).subspan(q_at, group_size),
                                         std::span(keys).subspan(begin, size),
                                         std::span(values).subspan(begin, size), d));
      begin += size;
    }
    comparison.add_unsampled(out);
    return outcome(comparison);
  }

  PendingOutcome silu_mul_stage(int layer) const {
    Values gate_up = m_read.values(m_state.warm().gate_up);
    poison(m_state.warm().act, m_state.stream);
    m_step.run_stage(layer, Stage::silu_mul);
    Values act = m_read.values(m_state.warm().act);
    return later([this, gate_up = std::move(gate_up), act = std::move(act)] {
      const auto columns = to_size(m_model.intermediate);
      Comparison comparison;
      for (std::size_t b = 0; b < m_batch; ++b) {
        comparison.add(row_of(act, b, columns),
                       silu_mul_reference(row_of(gate_up, b, 2 * columns)));
      }
      return outcome(comparison);
    });
  }

  DecodeStep& m_step;
  const DecodeStep::State& m_state;
  const ModelShape& m_model;
  std::size_t m_batch;
  DeviceReader m_read;
  std::uint64_t m_seed;
  int m_samples;
};

}  // namespace

double error_limit(DType dtype) {
  return dtype == DType::fp16 ? 2e-3 : 1e-2;
}

std::vector<StageError> check_step(DecodeStep& step, std::uint64_t seed, int samples) {
  const StageCheck stage_check(step, seed, samples);
  const int checked = std::min(1, step.layers() - 1);
  step.reset();
  // The rest of layer 0 is left out: a wrong stage there could send NaNs through all of layer 1,
  // and hide which one it was.
  PendingOutcome plain_norm = stage_check.run(0, Stage::input_norm);
  std::vector<std::pair<Stage, PendingOutcome>> pending;
  for (const StageInfo& info : stages)
    pending.emplace_back(info.stage, stage_check.run(checked, info.stage));
  std::vector<StageError> errors;
  for (auto& [stage, waiting] : pending) {
    Outcome found = waiting.get();
    if (stage == Stage::input_norm) found = worse(found, plain_norm.get());
    const bool passed = found.error <= error_limit(step.workload().dtype);
    errors.push_back({stage, found.error, found.elements, passed});
  }
  return errors;
}

}  // namespace perfgate
