// SPDX-License-Identifier: Apache-2.0
// The parts of step_check that compare rotary and kv_write with their CPU references.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cuda/device_reader.h"
#include "kernels/decode/comparison.h"
#include "kernels/decode/decode_state.h"

namespace perfgate {

/// The inputs of rotary.
struct RotaryInputs {
  Bits qkv;
  std::vector<std::int64_t> positions;
  std::vector<double> angles;          ///< [batch, head_dim]: each token's row of the table
  std::vector<double> bias;            ///< one qkv row's; empty without a bias
  std::vector<double> q_norm, k_norm;  ///< [head_dim]; empty without norms
};
RotaryInputs read_rotary_inputs(const DecodeStep::State& state, int layer,
                                const DeviceReader& read);

/// Compares all of q and k, v's bits, which must be untouched, and the table of angles.
Outcome compare_rotated(const Workload& workload, const RotaryInputs& before, const Bits& after);

/// Poisons the new tokens' slots of one layer's caches; `slots` are those of the activations.
void poison_new_slots(const DecodeStep::State& state, int layer,
                      const std::vector<std::int64_t>& slots);

/// The new tokens' slots of one layer's caches, recorded before they are written.
class NewSlots {
 public:
  /// Poisons them, and remembers the other slots of their blocks (only of the first sequences, to
  /// keep it cheap).
  NewSlots(const DecodeStep::State& state, int layer, const DeviceReader& read);

  /// They must hold the k of `qkv` and its v with the bias; the other slots must be unchanged.
  Outcome compare(const std::vector<double>& qkv) const;

 private:
  std::vector<double> written_rows(const std::vector<double>& qkv, std::size_t column) const;

  const DecodeStep::State& m_state;
  const LayerBuffers& m_layer;
  const DeviceReader& m_read;
  std::size_t m_row;  ///< elements in a slot
  std::vector<std::int64_t> m_slots, m_others;
  Bits m_keys_before, m_values_before;
};

}  // namespace perfgate
