// SPDX-License-Identifier: Apache-2.0
// Two fixed probe kernels that no user change touches. They measure what this GPU reaches today in
// reading and in arithmetic. They are the roofs of the roofline and show a drift of the machine
// itself, so their code must not change while baselines depend on it. Launches only; timing is done
// elsewhere.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

namespace perfgate {

/// Enqueues one pass of 16-byte reads over `bytes` of `data` (a multiple of 16, aligned to 16).
/// `sink`: one device word that the kernel may overwrite. Rate = bytes / duration; use several GB,
/// so that neither the L2 nor the start and end of the kernel count.
void read_stream(const void* data, std::size_t bytes, std::uint32_t* sink, cudaStream_t stream);

/// Enqueues `iterations` rounds of fp32 FMAs in registers on every SM. `sink`: one device float
/// that the kernel may overwrite.
void fma_loop(int iterations, float* sink, cudaStream_t stream);

/// Floating-point operations of one fma_loop on a device of `sms` SMs; an FMA counts as two.
double fma_loop_flops(int iterations, int sms);

}  // namespace perfgate
