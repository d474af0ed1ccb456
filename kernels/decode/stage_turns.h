// SPDX-License-Identifier: Apache-2.0
// Ways to compute one stage side by side: in turns, in one process, with the same cold weights.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "gate/decode/decode_source.h"
#include "gate/record/samples.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/random_waits.h"
#include "kernels/decode/decode_step.h"
#include "kernels/ops/cublas_gemm.h"

namespace perfgate {

inline constexpr int most_algorithms = 32;   ///< of cuBLASLt's list
inline constexpr double cold_bytes = 400e6;  ///< between two uses of one weight: 8 H100's L2s

/// One way to compute a stage of a layer.
struct Candidate {
  Overlap overlap;
  std::function<void(int layer)> enqueue;
};

/// The launches in a graph of a candidate: their gaps are part of the time, as in a layer.
int launches_of(const DecodeStep& step);

/// Returns a graph of launches that cycle through the layers and the sets of activations; at
/// thousands of tokens this keeps the activations cold, too.
GraphExec graph_of(DecodeStep& step, const Candidate& one);

/// Returns the time from launch to launch of each candidate, `count` times, measured in turns.
/// Random waits come between them.
std::vector<Samples> in_turns(DecodeStep& step, const std::vector<Candidate>& candidates, int count,
                              RandomWaits& waits);

/// Returns cuBLASLt's algorithms for a GEMM stage, best guess first. Both arguments must outlive
/// them.
std::vector<Candidate> cublas_candidates(DecodeStep& step, Stage stage, const CublasGemm& gemm);

/// Returns the fastest candidates of a first look, by index, and always the first.
std::vector<std::size_t> choose_finalists(DecodeStep& step, const std::vector<Candidate>& all,
                                          RandomWaits& waits);

/// As many layers as it takes, so that weights and KV are cold when their turn comes again.
int layers_for(const Workload& workload, const std::vector<StageCase>& cases);

}  // namespace perfgate
