// Whether kernels that overlap leave the numbers that they leave one after the other.
#pragma once

#include "kernels/decode_step.h"

namespace perfgate {

/// For a step whose layers were just replayed with overlap on activations `set`: runs them once
/// more on the same input, without, and throws DeviceError when the hidden state or the residual
/// that the replay left differs by more than error_limit(). A kernel that reads before its
/// wait_for_previous() reads the layer's before, where the layers share a buffer; in the KV cache,
/// whose contents are the same in every step, it would not be seen.
void require_same_without_overlap(DecodeStep& step, int set);

}  // namespace perfgate
