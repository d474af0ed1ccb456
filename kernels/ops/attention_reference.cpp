// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/ops/attention.h"

namespace perfgate {

std::vector<double> attention_reference(std::span<const double> q, std::span<const double> k,
                                        std::span<const double> v, std::size_t head_dim) {
  const std::size_t group = q.size() / head_dim;
  const std::size_t tokens = k.size() / head_dim;
  const double scale = 1 / std::sqrt(static_cast<double>(head_dim));
  std::vector<double> out(q.size(), 0.0);
  std::vector<double> weights(tokens);
  for (std::size_t head = 0; head < group; ++head) {
    for (std::size_t token = 0; token < tokens; ++token) {
      double dot = 0;
      for (std::size_t i = 0; i < head_dim; ++i) {
        dot += q[head * head_dim + i] * k[token * head_dim + i];
      }
      weights[token] = dot * scale;
    }
    const double top = *std::ranges::max_element(weights);
    double sum = 0;
    for (double& weight : weights) {
      weight = std::exp(weight - top);
      sum += weight;
    }
    double* row = out.data() + head * head_dim;
    for (std::size_t token = 0; token < tokens; ++token) {
      const double share = weights[token] / sum;
      for (std::size_t i = 0; i < head_dim; ++i) {
        row[i] += share * v[token * head_dim + i];
      }
    }
  }
  return out;
}

}  // namespace perfgate
