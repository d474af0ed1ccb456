// A decode step over resident layers, each with its own weights and KV cache, as a real model
// has: so caches are what they are in production (weights and KV cold, activations warm) without
// flushing anything inside a timed region.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gate/decode/layer_model.h"
#include "kernels/cuda/device_arena.h"
#include "kernels/cuda/queue.h"
#include "kernels/decode/slowdown.h"
#include "kernels/decode/slowdown_plan.h"

namespace perfgate {

/// A step has that many sets of its small, warm tensors, each at another address. A kernel of 2 us
/// is 15 % faster or slower by where in the L2 its 12 KB lie (H200, docs/results.md), so what is
/// timed is the mean over many addresses, not one throw of the dice.
inline constexpr int activation_sets = 16;

/// One model's decode step on the current device. Not thread-safe; all work goes to one stream.
class DecodeStep {
 public:
  /// Lays `layers` layers out in `memory` and fills them on the GPU from `seed`. Throws
  /// DeviceError; when the device has too little free memory the message gives both sizes. A step
  /// whose arena is used by a later one is over: its memory is that one's.
  DecodeStep(const Workload& workload, int layers, std::uint64_t seed, cudaStream_t stream,
             GemmBackend backend, const StepMemory& memory = {});
  ~DecodeStep();
  DecodeStep(const DecodeStep&) = delete;
  DecodeStep& operator=(const DecodeStep&) = delete;

  const Workload& workload() const;
  int layers() const;
  cudaStream_t stream() const;

  /// Slows the plan's stages from now on (slowdown.h).
  void stretch(const StretchPlan& plan);

  /// Lets our own kernels begin while the one before still runs, from now on; at first off. A
  /// stretched step stays without: its markers have to stand between the stages.
  void overlap(Overlap how);

  /// What is enqueued from now on works on activations `set` (modulo activation_sets), at first 0.
  void use_activations(int set);

  /// Enqueues a whole step on activations `step`: reset(), then every layer. NVTX:
  /// `decode_<step>_<layer>` around each layer, the stage's id around each stage.
  void run(int step);

  /// Enqueues the copy of the step's input into the residual (a memcpy, in no stage).
  void reset();
  /// Enqueues every layer, on what the residual holds.
  void run_layers(int step);
  /// Enqueues the ten stages of one layer, in their NVTX ranges.
  void run_layer(int step, int layer);
  /// Enqueues one stage of one layer. Layer 0's input_norm is a plain rms_norm.
  void run_stage(int layer, Stage stage);

  struct State;  ///< the device buffers; known to step_check only
  State& state();

 private:
  /// A stage without its NVTX range and without what stretches it.
  void run_operator(int layer, Stage stage);

  /// Where a stage's own kernels go.
  Queue queue_for(int layer, Stage stage) const;

  std::unique_ptr<State> m_state;
  Overlap m_overlap = Overlap::off;
  StretchPlan m_stretched;
  std::optional<Stretch> m_stretch;
};

}  // namespace perfgate
