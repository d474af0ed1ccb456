// SPDX-License-Identifier: Apache-2.0
// Compares the CPU references of the kernels with arithmetic done by hand.
#include <cmath>
#include <limits>

#include "kernels/cuda/host_values.h"
#include "kernels/ops/attention.h"
#include "kernels/ops/gemm.h"
#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("attention weighs by exp(q k / sqrt(d))", "[references]") {
  // d = 4, so scores are halved: q k / 2 = ln 3 and 0, weights 3/4 and 1/4.
  const double two_ln3 = 2 * std::log(3.0);
  const std::vector<double> q{two_ln3, 0, 0, 0, /* second head */ 0, 0, 0, 0};
  const std::vector<double> k{1, 0, 0, 0, 0, 1, 0, 0};
  const std::vector<double> v{8, 0, 4, -4, 4, 2, 0, 4};
  const std::vector<double> expected{7, 0.5, 3, -2, /* plain means */ 6, 1, 2, 0};
  const auto out = attention_reference(q, k, v, 4);
  REQUIRE(out.size() == expected.size());
  for (std::size_t i = 0; i < out.size(); ++i) CHECK_THAT(out[i], WithinAbs(expected[i], 1e-14));
}

TEST_CASE("attention with scores beyond exp's range takes the largest", "[references]") {
  const std::vector<double> q{2000}, k{1, 0, -1}, v{5, 7, 9};
  CHECK(attention_reference(q, k, v, 1) == std::vector<double>{5});
}

TEST_CASE("a projection multiplies by the transposed weight", "[references]") {
  // in [2, 5], weight [3, 5]; five is more than the four partial sums.
  const std::vector<double> in{1, 2, 3, 4, 5, 0, -1, 0, 0, 2};
  const std::vector<double> weight{1, 1, 1, 1, 1, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0.5};
  // 1+2+3+4+5; 5+8+9+8+5; 2.5; then -1+2; -4+2; 1
  CHECK(gemm_reference(in, weight, 5) == std::vector<double>{15, 35, 2.5, 1, -2, 1});
}

TEST_CASE("sixteen bits as IEEE 754 and bfloat16 define them", "[references]") {
  const std::vector<std::uint16_t> fp16{0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x7c00, 0xfc00};
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(to_doubles(DType::fp16, fp16) ==
        std::vector<double>{1, -2, 0x1p-24, 1023 * 0x1p-24, 65504, infinity, -infinity});
  const std::vector<std::uint16_t> bf16{0x3f80, 0xc000, 0x0001, 0x4049, 0x7f80};
  CHECK(to_doubles(DType::bf16, bf16) == std::vector<double>{1, -2, 0x1p-133, 3.140625, infinity});
  for (const auto& [dtype, bits] : {std::pair{DType::fp16, 0x7e00}, {DType::bf16, 0x7fc0}}) {
    const std::vector<std::uint16_t> nan{static_cast<std::uint16_t>(bits)};
    CHECK(std::isnan(to_doubles(dtype, nan)[0]));
  }
  const std::vector<std::uint16_t> zero{0x8000};
  CHECK(std::signbit(to_doubles(DType::fp16, zero)[0]));
}

TEST_CASE("rounding to sixteen bits is to nearest, ties to even", "[references]") {
  // fp16 has 11 significant bits, bf16 has 8: above 2048 and 256 only even numbers are left.
  CHECK(round_to(DType::fp16, 2049) == 2048);
  CHECK(round_to(DType::fp16, 2051) == 2052);
  CHECK(round_to(DType::fp16, 2049.5) == 2050);
  CHECK(round_to(DType::fp16, 0.1) == 0.0999755859375);
  CHECK(std::isinf(round_to(DType::fp16, 65520)));
  CHECK(round_to(DType::bf16, 257) == 256);
  CHECK(round_to(DType::bf16, 259) == 260);
  CHECK(round_to(DType::bf16, 257.5) == 258);
}
