// Whether kernels that overlap leave the numbers that they leave one after the other.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/device_reader.h"
#include "kernels/decode/comparison.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// What the layers leave: [batch, hidden] each.
struct LayerOutputs {
  Bits hidden, residual;
};

/// Of the activations in use.
LayerOutputs read_outputs(DecodeStep& step);

struct OverlapCheck {
  /// Of the row that is furthest off: norm(overlapped - plain) / norm(plain).
  Outcome found;
  double limit = 0;  ///< 0 where every kernel is our own, else error_limit()
  /// Empty: no row is beyond the limit. Else the workload, the activations, and the first element
  /// that differs in the first such row.
  std::string why;
};

/// Runs all layers once more on activations `set`, without overlap, and compares what they leave
/// with what a run with overlap left on the same set. A kernel that read before its
/// wait_for_previous() found the layer's before, where the layers share a buffer; in the KV cache,
/// whose contents are the same in every step, it is not seen.
OverlapCheck compare_with_plain(DecodeStep& step, int set, const LayerOutputs& overlapped,
                                double limit);

/// Runs all layers as a graph with overlap on activations `set` and compares, to the last value
/// where every kernel is our own.
///
/// Before that everything is poisoned that one kernel hands to another, the new tokens' slots of
/// the KV cache included, so that an early read there shows, too.
///
/// Not seen: a race that goes well in this run; a wrong key or value that attention rounds away;
/// and with cuBLAS, what moves a row by less than the limit.
OverlapCheck check_overlap(DecodeStep& step, int set);

}  // namespace perfgate
