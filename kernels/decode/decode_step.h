// SPDX-License-Identifier: Apache-2.0
// A decode step over resident layers, each with its own weights and KV cache, as in a real model:
// so the caches are as in production (weights and KV cold, activations warm) without flushing
// anything inside a timed region.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gate/decode/gemm_choice.h"
#include "gate/decode/layer_model.h"
#include "kernels/cuda/device_arena.h"
#include "kernels/cuda/queue.h"
#include "kernels/decode/slowdown.h"
#include "kernels/decode/slowdown_plan.h"

namespace perfgate {

/// A step has this many sets of its small, warm tensors, each at another address. A kernel of 2 us
/// is 15 % faster or slower depending on where in the L2 its 12 KB are (H200, docs/results.md), so
/// the timed value is the mean over many addresses, not one random draw.
inline constexpr int activation_sets = 16;

/// One model's decode step on the current device. It is not thread-safe; all work goes to one
/// stream.
class DecodeStep {
 public:
  /// Places `layers` layers in `memory` and fills them on the GPU from `seed`. Throws DeviceError;
  /// when the device has too little free memory the message gives both sizes. A step becomes
  /// invalid when a later one uses its arena.
  DecodeStep(const Workload& workload, int layers, std::uint64_t seed, cudaStream_t stream,
             const GemmSelection& gemms, const StepMemory& memory = {});
  ~DecodeStep();
  DecodeStep(const DecodeStep&) = delete;
  DecodeStep& operator=(const DecodeStep&) = delete;

  const Workload& workload() const;
  int layers() const;
  cudaStream_t stream() const;

  /// Slows the plan's stages from now on (slowdown.h).
  void stretch(const StretchPlan& plan);

  /// From now on lets our own kernels begin while the one before still runs; initially off. A
  /// stretched step never overlaps: its markers have to stay between the stages.
  void overlap(Overlap how);

  /// From now on work uses activations `set` (modulo activation_sets); initially 0.
  void use_activations(int set);

  /// Enqueues a whole step on activations `step`: reset(), then every layer. NVTX:
  /// `decode_<step>_<layer>` around each layer, the stage's id around each stage.
  void run(int step);

  /// Enqueues the copy of the step's input into the residual (a memcpy, in no stage).
  void reset();
  /// Enqueues every layer, with the residual as it is.
  void run_layers(int step);
  /// Enqueues the ten stages of one layer, in their NVTX ranges.
  void run_layer(int step, int layer);
  /// Enqueues one stage of one layer. Layer 0's input_norm is a plain rms_norm.
  void run_stage(int layer, Stage stage);

  struct State;  ///< the device buffers; only step_check also uses them
  State& state();

 private:
  /// Runs a stage without its NVTX range and without its slowdown.
  void run_operator(int layer, Stage stage);

  /// Returns the queue for a stage's own kernels.
  Queue queue_for(int layer, Stage stage) const;

  std::unique_ptr<State> m_state;
  Overlap m_overlap = Overlap::off;
  StretchPlan m_stretched;
  std::optional<Stretch> m_stretch;
};

}  // namespace perfgate
