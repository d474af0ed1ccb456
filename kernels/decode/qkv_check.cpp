// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/qkv_check.h"

#include <algorithm>
#include <span>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/host_values.h"
#include "kernels/ops/kv_write.h"
#include "kernels/ops/rms_norm.h"
#include "kernels/ops/rotary.h"

namespace perfgate {
namespace {

using Values = std::vector<double>;

/// Returns the expected result for one head of q or k.
Values rotated_head(const RotaryInputs& before, const ModelShape& model, Values values,
                    std::size_t head, std::span<const double> cos_sin) {
  const auto d = to_size(model.head_dim);
  if (!before.bias.empty())
    for (std::size_t i = 0; i < d; ++i) values[i] += before.bias[head * d + i];
  if (!before.q_norm.empty())
    values = rms_norm_reference(
        values, head < to_size(model.query_heads) ? before.q_norm : before.k_norm, model.rms_eps);
  return rotary_reference(values, cos_sin);
}

}  // namespace

RotaryInputs read_rotary_inputs(const DecodeStep::State& state, int layer,
                                const DeviceReader& read) {
  const LayerBuffers& own = state.layers[to_size(layer)];
  RotaryInputs inputs;
  inputs.qkv = read.bits(state.warm().qkv);
  inputs.positions = read.raw<std::int64_t>(state.warm().positions);
  inputs.angles = read.row_values(state.warm().cos_sin, to_size(state.workload.model.head_dim),
                                  inputs.positions);
  if (state.workload.model.qkv_bias) inputs.bias = read.values(own.qkv_bias);
  if (state.workload.model.qk_norm) {
    inputs.q_norm = read.values(own.q_norm);
    inputs.k_norm = read.values(own.k_norm);
  }
  return inputs;
}

Outcome compare_rotated(const Workload& workload, const RotaryInputs& before,
                        const Bits& after_bits) {
  const ModelShape& model = workload.model;
  const Values qkv = to_doubles(workload.dtype, before.qkv);
  const Values after = to_doubles(workload.dtype, after_bits);
  const auto d = to_size(model.head_dim);
  const std::size_t heads = to_size(model.query_heads + model.kv_heads);
  const std::size_t row = to_size(model.qkv_columns());
  Comparison rotated, table;
  for (std::size_t b = 0; b < before.positions.size(); ++b) {
    const auto cos_sin = std::span(before.angles).subspan(b * d, d);
    table.add(cos_sin, cos_sin_reference(before.positions[b], model.head_dim, model.rope_theta));
    for (std::size_t head = 0; head < heads; ++head) {
      const std::size_t at = b * row + head * d;
      const auto values = std::span(qkv).subspan(at, d);
      rotated.add(std::span(after).subspan(at, d),
                  rotated_head(before, model, Values(values.begin(), values.end()), head, cos_sin));
    }
    const std::size_t v = b * row + heads * d;
    const std::size_t v_size = row - heads * d;
    rotated.add_untouched(std::span(after_bits).subspan(v, v_size),
                          std::span(before.qkv).subspan(v, v_size));
  }
  return worse(outcome(rotated), outcome(table));
}

void poison_new_slots(const DecodeStep::State& state, int layer,
                      const std::vector<std::int64_t>& slots) {
  const LayerBuffers& own = state.layers[to_size(layer)];
  const std::size_t bytes =
      to_size(state.workload.model.kv_heads * state.workload.model.head_dim) * element_bytes;
  for (const std::int64_t slot : slots)
    for (const DeviceBuffer* cache : {&own.key_cache, &own.value_cache})
      poison({cache->as<char>() + to_size(slot) * bytes, bytes}, state.stream);
}

NewSlots::NewSlots(const DecodeStep::State& state, int layer, const DeviceReader& read)
    : m_state(state),
      m_layer(state.layers[to_size(layer)]),
      m_read(read),
      m_row(to_size(state.workload.model.kv_heads * state.workload.model.head_dim)),
      m_slots(read.raw<std::int64_t>(state.warm().slot_mapping)) {
  for (std::size_t b = 0; b < std::min<std::size_t>(m_slots.size(), 16); ++b) {
    const std::int64_t first = m_slots[b] / kv_block_tokens * kv_block_tokens;
    for (std::int64_t slot = first; slot < first + kv_block_tokens; ++slot)
      if (slot != m_slots[b]) m_others.push_back(slot);
  }
  poison_new_slots(state, layer, m_slots);
  m_keys_before = read.row_bits(m_layer.key_cache, m_row, m_others);
  m_values_before = read.row_bits(m_layer.value_cache, m_row, m_others);
}

Outcome NewSlots::compare(const Values& qkv) const {
  const ModelShape& model = m_state.workload.model;
  const std::size_t q_size = to_size(model.query_heads * model.head_dim);
  Values values = written_rows(qkv, q_size + m_row);
  if (model.qkv_bias) {
    const Values bias = m_read.values(m_layer.qkv_bias);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += bias[q_size + m_row + i % m_row];
  }
  Comparison comparison;
  comparison.add(m_read.row_values(m_layer.key_cache, m_row, m_slots), written_rows(qkv, q_size));
  comparison.add(m_read.row_values(m_layer.value_cache, m_row, m_slots), values);
  comparison.add_untouched(m_read.row_bits(m_layer.key_cache, m_row, m_others), m_keys_before);
  comparison.add_untouched(m_read.row_bits(m_layer.value_cache, m_row, m_others), m_values_before);
  return outcome(comparison);
}

/// Returns the content of a cache of one slot per sequence with the columns from `column` written.
Values NewSlots::written_rows(const Values& qkv, std::size_t column) const {
  const std::size_t row_size = to_size(m_state.workload.model.qkv_columns());
  Values rows;
  std::vector<std::int64_t> slots;
  for (std::size_t b = 0; b < m_slots.size(); ++b) {
    const auto row = std::span(qkv).subspan(b * row_size + column, m_row);
    rows.insert(rows.end(), row.begin(), row.end());
    slots.push_back(static_cast<std::int64_t>(b));
  }
  Values cache(rows.size());
  kv_write_reference(rows, slots, cache);
  return cache;
}

}  // namespace perfgate
