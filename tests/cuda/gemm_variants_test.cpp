// SPDX-License-Identifier: Apache-2.0
#include "kernels/ops/gemm_variants.h"

#include <set>

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

// Memory clock and bus width as the driver gives them: H100 SXM 2619 MHz, H200 3201 MHz.
constexpr GemmDevice h100_board{90, 3352e9, 132}, h200_board{90, 4917e9, 132},
    a100_board{80, 2039e9, 108};

std::string_view choice(const GemmShape& shape, const GemmDevice& device,
                        const GemmSelection& selection = {}) {
  return choose_variant(shape, DType::fp16, device, selection).id;
}

GemmSelection stored(const GemmShape& shape, const std::string& variant) {
  return {GemmBackend::automatic, {{shape, DType::fp16, variant}}};
}

}  // namespace

TEST_CASE("variants have names of their own, and what they need", "[gemm_variants]") {
  std::set<std::string_view> names;
  for (const GemmVariant& variant : gemm_variants) {
    CHECK(names.insert(variant.id).second);
    if (variant.kernel == GemmKernel::cublas) continue;
    CHECK(variant.most_m >= 8);
    CHECK(variant.weight_rows % 8 == 0);
  }
}

// These are the choices of results.md for the H100, which a table for another GPU must not change.
TEST_CASE("the H100 keeps its kernels", "[gemm_variants]") {
  for (const int n : {4096, 6144, 12288, 22016, 28672}) {
    CHECK(choice({1, n, 4096}, h100_board) == "skinny_r16_d4");
    CHECK(choice({8, n, 4096}, h100_board) == "skinny_r16_d4");
    CHECK(choice({16, n, 4096}, h100_board) == "skinny_r32_d2");
  }
  CHECK(choice({17, 4096, 4096}, h100_board) == "tma_r64_s2_pair");
  CHECK(choice({32, 6144, 4096}, h100_board) == "tma_r48_s2");
  CHECK(choice({64, 8192, 4096}, h100_board) == "tma_r64_s2");
  CHECK(choice({64, 12288, 4096}, h100_board) == "tma_r96_s1");
  CHECK(choice({64, 22016, 4096}, h100_board) == "tma_r88_s1_p2");
  CHECK(choice({64, 28672, 4096}, h100_board) == "tma_r112_s1_p2");
  CHECK(choice({64, 37888, 4096}, h100_board) == "tma_r144_s1_p2");
  CHECK(choice({65, 4096, 4096}, h100_board) == "cublas");
  CHECK(choice({1, 4104, 4096}, h100_board) == "cublas");  // n is no multiple of 32
}

// results.md, section H200: where its layers were fastest.
TEST_CASE("the H200 has its own kernels, in every shape that they take", "[gemm_variants]") {
  CHECK(choice({1, 6144, 4096}, h200_board) == "skinny_r48_d2_p1");
  CHECK(choice({1, 4096, 4096}, h200_board) == "skinny_r32_d2_p1");
  CHECK(choice({8, 4096, 4096}, h200_board) == "skinny_r32_d4_p1");
  CHECK(choice({8, 4096, 14336}, h200_board) == "skinny_r32_d2_p1");
  CHECK(choice({8, 28672, 4096}, h200_board) == "skinny_r32_d4_p1");
  CHECK(choice({1, 4096, 11008}, h200_board) == "skinny_r32_d4_p1");
  CHECK(choice({8, 22016, 4096}, h200_board) == "tma_r56_s1_p3");
  CHECK(choice({16, 12288, 4096}, h200_board) == "tma_r96_s1_e");
  CHECK(choice({16, 22016, 4096}, h200_board) == "tma_r96_s1_e");
  CHECK(choice({16, 28672, 4096}, h200_board) == "tma_r224_s1");
  CHECK(choice({64, 22016, 4096}, h200_board) == "tma_r56_s1_p3");
  CHECK(choice({32, 12288, 4096}, h200_board) == "tma_r96_s1_e");
  CHECK(choice({64, 6144, 4096}, h200_board) == "tma_r48_s2_e");
  CHECK(choice({64, 28672, 4096}, h200_board) == "tma_r224_s1");
  CHECK(choice({9, 4096, 14336}, h200_board) == "skinny_r32_d2_p1");
  CHECK(choice({17, 28672, 4096}, h200_board) == "tma_r224_s1_e");
  CHECK(choice({64, 4096, 4096}, h200_board) == "tma_r64_s2_pair_e");
  CHECK(choice({64, 12288, 4096}, h200_board) == "tma_r96_s1");
  // A row that does not take the shape is passed over: k is too short for four chunks a warp.
  CHECK(choice({1, 1024, 1024}, h200_board) == "skinny_r32_d2_p1");
  CHECK(choice({1, 1024, 512}, h200_board) == "skinny_r16_d4");
  CHECK(choice({1, 4104, 4096}, h200_board) == "cublas");
  CHECK(choice({65, 4096, 4096}, h200_board) == "cublas");
}

TEST_CASE("another GPU runs cuBLAS, and ours where they are asked for", "[gemm_variants]") {
  CHECK(choice({1, 4096, 4096}, a100_board) == "cublas");
  const GemmSelection own{GemmBackend::own};
  CHECK(choice({1, 4096, 4096}, a100_board, own) == "skinny_r16_d4");
  CHECK(choice({32, 4096, 4096}, a100_board, own) == "skinny_r32_d2");
  CHECK(choice({9, 4104, 4096}, h100_board, own) == "tma_r64_s2_pair");
  CHECK_THAT(error_of<UsageError>([&] {
               choice({33, 4096, 4096}, a100_board, own);
             }),
             ContainsSubstring("33 x 4096 x 4096 (batch, N, K) is none of ours"));
  CHECK(choice({1, 4096, 4096}, h100_board, {GemmBackend::cublas}) == "cublas");
}

TEST_CASE("a stored choice comes first, for its own shape and dtype", "[gemm_variants]") {
  const GemmShape shape{1, 4096, 4096};
  const GemmSelection selection = stored(shape, "skinny_r16_d2");
  for (const GemmDevice& device : {h100_board, h200_board, a100_board})
    CHECK(choice(shape, device, selection) == "skinny_r16_d2");
  CHECK(choice({2, 4096, 4096}, h100_board, selection) == "skinny_r16_d4");
  CHECK(choose_variant(shape, DType::bf16, h100_board, selection).id == "skinny_r16_d4");
}

TEST_CASE("a stored choice that cannot be is refused by name", "[gemm_variants]") {
  CHECK_THAT(error_of<UsageError>([] {
               choice({1, 4096, 4096}, h100_board, stored({1, 4096, 4096}, "skinny_r16_d3"));
             }),
             ContainsSubstring("this build has no GEMM variant 'skinny_r16_d3'"));
  CHECK_THAT(
      error_of<UsageError>([] {
        choice({33, 4096, 4096}, h100_board, stored({33, 4096, 4096}, "skinny_r32_d2"));
      }),
      ContainsSubstring(
          "GEMM variant skinny_r32_d2 for 33 x 4096 x 4096 (batch, N, K): batch at most 32"));
  CHECK_THAT(error_of<UsageError>([] {
               choice({1, 4096, 4096}, a100_board, stored({1, 4096, 4096}, "tma_r48_s2"));
             }),
             ContainsSubstring("only on compute capability 9.0"));
  CHECK_THAT(error_of<UsageError>([] {
               choice({1, 4104, 4096}, h100_board, stored({1, 4104, 4096}, "skinny_r32_d2"));
             }),
             ContainsSubstring("N a multiple of 32"));
  CHECK_THAT(error_of<UsageError>([] {
               choice({1, 4096, 4160}, h100_board, stored({1, 4096, 4160}, "tma_r48_s2"));
             }),
             ContainsSubstring("K a multiple of 256"));
}
