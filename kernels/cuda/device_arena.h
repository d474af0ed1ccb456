// SPDX-License-Identifier: Apache-2.0
// Device memory that is allocated once and reused. The driver is slow to hand out gigabytes and to
// take them back, and a process that times workloads at several placements would wait for that at
// each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/memory_layout.h"

namespace perfgate {

/// One piece of memory on the current device, for one user at a time. Its pages stay the same until
/// a call asks for more than before, so an offset in it always means the same place.
class DeviceArena {
 public:
  /// Returns the address of at least `bytes` bytes, at the start of a page. It is the memory that
  /// earlier calls returned, unless that was smaller than `bytes`: then it has been freed. Throws
  /// DeviceError.
  char* reserve(std::size_t bytes) {
    if (bytes > m_bytes) {
      m_memory = {};  // freed first: the old and the new memory need not fit side by side
      m_bytes = 0;
      m_memory = DeviceBuffer(bytes + gpu_page_bytes);  // cudaMalloc promises 256 bytes, not a page
      m_bytes = bytes;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(m_memory.data());
    return m_memory.as<char>() + (gpu_page_bytes - address % gpu_page_bytes) % gpu_page_bytes;
  }

  /// The memory that the last reserve() returned.
  std::span<const std::byte> memory() {
    return {reinterpret_cast<const std::byte*>(reserve(m_bytes)), m_bytes};
  }

  /// The bytes that it has allocated on the device.
  std::size_t taken_bytes() const { return m_memory.bytes(); }

 private:
  DeviceBuffer m_memory;
  std::size_t m_bytes = 0;
};

/// Where a step's buffers lie: at an offset in memory that outlives the step.
struct StepMemory {
  DeviceArena* arena = nullptr;  ///< null: the step allocates memory of its own
  std::size_t offset_bytes = 0;
};

}  // namespace perfgate
