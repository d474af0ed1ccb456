// Device memory that is taken once and used again and again: the driver takes its time to hand out
// gigabytes and to take them back, and a process that times workloads at several places would wait
// for that at each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/memory_layout.h"

namespace perfgate {

/// One piece of memory on the current device, for one user at a time. Its pages stay the same while
/// nobody asks for more than before, so an offset in it is a place that repeats.
class DeviceArena {
 public:
  /// The first of at least `bytes` bytes, on a page. What an earlier call gave is the same memory,
  /// and is gone when it was less than `bytes`. Throws DeviceError.
  char* reserve(std::size_t bytes) {
    if (bytes > m_bytes) {
      m_memory = {};  // first, so that the old and the new need not fit side by side
      m_bytes = 0;
      m_memory = DeviceBuffer(bytes + gpu_page_bytes);  // cudaMalloc promises 256 bytes, not a page
      m_bytes = bytes;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(m_memory.data());
    return m_memory.as<char>() + (gpu_page_bytes - address % gpu_page_bytes) % gpu_page_bytes;
  }

  /// What reserve() gave last.
  std::span<const std::byte> memory() {
    return {reinterpret_cast<const std::byte*>(reserve(m_bytes)), m_bytes};
  }

  /// What it has taken from the device.
  std::size_t taken_bytes() const { return m_memory.bytes(); }

 private:
  DeviceBuffer m_memory;
  std::size_t m_bytes = 0;
};

/// Where a step's buffers lie: so many bytes into memory that outlives the step.
struct StepMemory {
  DeviceArena* arena = nullptr;  ///< none: the step takes memory of its own
  std::size_t offset_bytes = 0;
};

}  // namespace perfgate
