// SPDX-License-Identifier: Apache-2.0
// A known slowdown, executed on the GPU: `perfgate qualify` plants it and then has to find it.
//
// Two marker kernels enclose a stage. The second one keeps the stream busy for a share of the time
// since the first, so a slow launch is stretched more than a fast one and the stage keeps its
// scatter. A ratio of 0 launches both markers and waits for nothing: a stage may only be compared
// with itself between markers, because they cost a few microseconds themselves. No kernel under
// test is touched, so cuBLAS's can be slowed as well as ours.
#pragma once

#include <cuda_runtime.h>

#include "kernels/cuda/device_buffer.h"

namespace perfgate {

class Stretch {
 public:
  explicit Stretch(double ratio);
  /// Enqueues the marker before the stage, or the marker after it.
  void begin(cudaStream_t stream) const;
  void end(cudaStream_t stream) const;

 private:
  DeviceBuffer m_begin_ns;
  double m_cycles_per_ns = 0;  ///< already multiplied by the ratio
};

}  // namespace perfgate
