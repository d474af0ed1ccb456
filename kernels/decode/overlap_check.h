// SPDX-License-Identifier: Apache-2.0
// Checks whether overlapping kernels leave the same numbers as sequential ones.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/device_reader.h"
#include "kernels/decode/comparison.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// The outputs of the layers: [batch, hidden] each.
struct LayerOutputs {
  Bits hidden, residual;
};

/// Reads the outputs of the activations in use.
LayerOutputs read_outputs(DecodeStep& step);

struct OverlapCheck {
  /// The error of the row that is furthest off: norm(overlapped - plain) / norm(plain).
  Outcome found;
  double limit = 0;  ///< 0 where every kernel is our own, else error_limit()
  /// Empty: no row exceeds the limit. Else it names the workload, the activations, and the first
  /// element that differs in the first such row.
  std::string why;
};

/// Runs all layers once more on activations `set`, without overlap, and compares the outputs with
/// those of a run with overlap on the same set. A kernel that read before its wait_for_previous()
/// found the previous layer's data, where the layers share a buffer; in the KV cache, whose
/// contents are the same in every step, this is not seen.
OverlapCheck compare_with_plain(DecodeStep& step, int set, const LayerOutputs& overlapped,
                                double limit);

/// Runs all layers as a graph with overlap on activations `set` and compares, to the last value
/// where every kernel is our own.
///
/// Everything that one kernel hands to another is poisoned before, including the new tokens' slots
/// of the KV cache, so that an early read there shows, too.
///
/// It does not see a race that goes well in this run; a wrong key or value that attention rounds
/// away; and with cuBLAS, an error that moves a row by less than the limit.
OverlapCheck check_overlap(DecodeStep& step, int set);

}  // namespace perfgate
