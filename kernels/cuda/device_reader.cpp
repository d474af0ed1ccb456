// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/device_reader.h"

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/gather.h"
#include "kernels/cuda/host_values.h"

namespace perfgate {

void DeviceReader::copy(void* to, const void* from, std::size_t bytes) const {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, m_stream), "cudaMemcpyAsync");
  check(cudaStreamSynchronize(m_stream), "cudaStreamSynchronize");
}

std::vector<double> DeviceReader::values(const DeviceBuffer& buffer) const {
  return to_doubles(m_dtype, bits(buffer));
}

Bits DeviceReader::row_bits(const DeviceBuffer& buffer, std::size_t row_size,
                            std::span<const std::int64_t> rows) const {
  const DeviceBuffer indices(rows.size_bytes());
  copy(indices.data(), rows.data(), rows.size_bytes());
  const std::size_t row_bytes = row_size * sizeof(std::uint16_t);
  const DeviceBuffer gathered(rows.size() * row_bytes);
  gather_rows(buffer.data(), static_cast<std::int64_t>(row_bytes), indices.as<std::int64_t>(),
              static_cast<std::int64_t>(rows.size()), gathered.data(), m_stream);
  return bits(gathered);
}

std::vector<double> DeviceReader::row_values(const DeviceBuffer& buffer, std::size_t row_size,
                                             std::span<const std::int64_t> rows) const {
  return to_doubles(m_dtype, row_bits(buffer, row_size, rows));
}

}  // namespace perfgate
