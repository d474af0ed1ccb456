// Device memory that is given back when its owner goes.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

#include "kernels/cuda_check.h"

namespace perfgate {

/// Owns `bytes` of memory on the current device, aligned to 256 bytes. Move-only; may be empty.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t bytes) : m_bytes(bytes) {
    check(cudaMalloc(&m_data, bytes), "cudaMalloc");
  }
  ~DeviceBuffer() { cudaFree(m_data); }  // a failure here was reported by the call that caused it
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : m_data(std::exchange(other.m_data, nullptr)), m_bytes(std::exchange(other.m_bytes, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(m_data, other.m_data);
    std::swap(m_bytes, other.m_bytes);
    return *this;
  }

  void* data() const { return m_data; }
  std::size_t bytes() const { return m_bytes; }

  template <class T>
  T* as() const {
    return static_cast<T*>(m_data);
  }

 private:
  void* m_data = nullptr;
  std::size_t m_bytes = 0;
};

}  // namespace perfgate
