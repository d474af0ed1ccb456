// SPDX-License-Identifier: Apache-2.0
// A piece of device memory, which in most cases is freed together with this object.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

#include "kernels/cuda/cuda_check.h"

namespace perfgate {

/// `bytes` of memory on the current device, aligned to 256 bytes. Move-only; may be empty.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  /// Allocates memory of its own.
  explicit DeviceBuffer(std::size_t bytes) : m_bytes(bytes), m_owned(true) {
    check(cudaMalloc(&m_data, bytes), "cudaMalloc");
  }
  /// Refers to a part of another object's memory; that object must outlive this one.
  DeviceBuffer(void* data, std::size_t bytes) : m_data(data), m_bytes(bytes) {}
  ~DeviceBuffer() {
    if (m_owned) cudaFree(m_data);  // a failure here was reported by the call that caused it
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : m_data(std::exchange(other.m_data, nullptr)),
        m_bytes(std::exchange(other.m_bytes, 0)),
        m_owned(std::exchange(other.m_owned, false)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    DeviceBuffer old(std::move(*this));  // freed at the end of this scope, not with `other`
    m_data = std::exchange(other.m_data, nullptr);
    m_bytes = std::exchange(other.m_bytes, 0);
    m_owned = std::exchange(other.m_owned, false);
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
  bool m_owned = false;
};

/// Sets all bits, which is a NaN in fp16, bf16 and fp32, so that a read before the first write
/// shows.
inline void poison(const DeviceBuffer& buffer, cudaStream_t stream) {
  if (buffer.bytes() > 0)
    check(cudaMemsetAsync(buffer.data(), 0xff, buffer.bytes(), stream), "cudaMemsetAsync");
}

}  // namespace perfgate
