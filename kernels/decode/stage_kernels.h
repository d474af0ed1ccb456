// SPDX-License-Identifier: Apache-2.0
// Finds the kernels that a stage launches by capturing it into a CUDA graph and reading the nodes:
// this needs no profiler, and the same answer serves timing and counters.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gate/record/record.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// The kernels of one stage, in launch order.
struct StageKernels {
  Stage stage;
  std::vector<std::string> names;  ///< mangled, as CUPTI reports them
};

/// Returns the mangled names of the kernels that `work` enqueues on `stream`, in launch order.
/// `work` is not executed.
std::vector<std::string> kernels_of(cudaStream_t stream, const std::function<void()>& work);

/// Returns the kernels of the ten stages of `layer`. Throws DeviceError when a stage launches none.
std::vector<StageKernels> kernels_of_layer(DecodeStep& step, int layer);

}  // namespace perfgate
