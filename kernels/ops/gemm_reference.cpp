// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/gemm.h"

#include <array>

namespace perfgate {

std::vector<double> gemm_reference(std::span<const double> in, std::span<const double> weight,
                                   std::size_t k) {
  const std::size_t rows = in.size() / k;
  const std::size_t columns = weight.size() / k;
  std::vector<double> out(rows * columns);
  for (std::size_t column = 0; column < columns; ++column) {
    const double* w = weight.data() + column * k;
    for (std::size_t row = 0; row < rows; ++row) {
      const double* x = in.data() + row * k;
      // There are four sums, because one sum would wait for each addition before the next.
      std::array<double, 4> sums{};
      std::size_t i = 0;
      for (; i + 4 <= k; i += 4) {
        for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += x[i + lane] * w[i + lane];
      }
      for (; i < k; ++i) sums[0] += x[i] * w[i];
      out[row * columns + column] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
  }
  return out;
}

}  // namespace perfgate
