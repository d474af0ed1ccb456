// SPDX-License-Identifier: Apache-2.0
// Where an operator enqueues its kernels.
#pragma once

#include <cuda_runtime.h>

namespace perfgate {

/// Whether a kernel may be started while the one before it in the stream still runs: programmatic
/// dependent launch. overlap.cuh says why the results stay the same.
enum class Overlap { off, on };

/// A stream, and how kernels follow each other in it. A stream alone is a queue without overlap.
struct Queue {
  Queue(cudaStream_t work_stream, Overlap how = Overlap::off) : stream(work_stream), overlap(how) {}

  cudaStream_t stream;
  Overlap overlap;
};

}  // namespace perfgate
