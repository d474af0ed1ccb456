// SPDX-License-Identifier: Apache-2.0
// Copies device tensors, or some rows of them, to the host for the CPU references.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gate/decode/dtype.h"
#include "kernels/cuda/device_buffer.h"

namespace perfgate {

using Bits = std::vector<std::uint16_t>;  ///< the bit patterns of fp16 or bf16

/// Reads what the stream has produced so far; each call waits for the stream.
class DeviceReader {
 public:
  DeviceReader(DType dtype, cudaStream_t stream) : m_dtype(dtype), m_stream(stream) {}

  /// Reads the whole buffer as values of type T.
  template <class T>
  std::vector<T> raw(const DeviceBuffer& buffer) const {
    std::vector<T> values(buffer.bytes() / sizeof(T));
    copy(values.data(), buffer.data(), values.size() * sizeof(T));
    return values;
  }
  Bits bits(const DeviceBuffer& buffer) const { return raw<std::uint16_t>(buffer); }
  std::vector<double> values(const DeviceBuffer& buffer) const;

  /// Reads some rows of a buffer of [rows, row_size] elements; row_size is a multiple of 8.
  Bits row_bits(const DeviceBuffer& buffer, std::size_t row_size,
                std::span<const std::int64_t> rows) const;
  std::vector<double> row_values(const DeviceBuffer& buffer, std::size_t row_size,
                                 std::span<const std::int64_t> rows) const;

 private:
  void copy(void* to, const void* from, std::size_t bytes) const;

  DType m_dtype;
  cudaStream_t m_stream;
};

}  // namespace perfgate
