// SPDX-License-Identifier: Apache-2.0
// Random waits between pieces of work, so that nothing that is measured keeps a rhythm. A replayed
// step has a fixed period, and so may the machine: on an H200 all loads of the GPU wait every
// 100 us. Where the one is a multiple of the other, the same stages are hit in every layer of every
// step, and a change of one stage moves others by up to 5 % (docs/decisions.md).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <string_view>

#include "gate/record/record.h"
#include "kernels/cuda/wait_lengths.h"

namespace perfgate {

/// The name of the kernel that waits, as CUPTI gives it.
inline constexpr std::string_view wait_kernel = "perfgate_random_wait";

/// A seed that differs between processes: were it the plan's, every run would draw the same waits,
/// and an unlucky draw would repeat.
std::int64_t fresh_seed();

/// Waits of random length, uniform from 0 to the longest of `dither`. A longest wait of 0 is none:
/// then the calls do nothing.
class RandomWaits {
 public:
  explicit RandomWaits(const Dither& dither) : m_lengths(dither) {}

  /// Enqueues one thread that watches the GPU's clock, as a kernel called wait_kernel: the CPU runs
  /// ahead, and no byte is moved. Not for a stream that is being captured. Throws DeviceError.
  void on_device(cudaStream_t stream);

  /// Waits until the stream is idle, then on the CPU: it launches nothing. Throws DeviceError.
  void on_host(cudaStream_t stream);

  bool none() const { return !(m_lengths.dither().longest_s > 0); }

 private:
  WaitLengths m_lengths;
};

}  // namespace perfgate
