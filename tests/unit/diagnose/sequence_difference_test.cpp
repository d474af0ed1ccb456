// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/sequence_difference.h"

#include "gate/diagnose/shortest_edit.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

using Names = std::vector<std::string>;

std::string text_of(const Names& head, const Names& baseline) {
  const SequenceDifference difference = sequence_difference(head, baseline);
  CHECK(difference.equal == difference.text.empty());
  return difference.text;
}

/// Length of the longest common subsequence by the textbook's table.
std::size_t common_length(const Names& a, const Names& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j)
      table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                         : std::max(table[i - 1][j], table[i][j - 1]);
  return table[a.size()][b.size()];
}

/// `before` with the edits done, which must give `after`.
Names edited(const Names& before, const Names& after, const std::vector<Edit>& edits) {
  Names out;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    while (at < edit.at_before) out.push_back(before[at++]);
    at += edit.removed;
    for (std::size_t i = 0; i < edit.added; ++i) out.push_back(after[edit.at_after + i]);
  }
  while (at < before.size()) out.push_back(before[at++]);
  return out;
}

}  // namespace

TEST_CASE("the edit is right and shortest", "[sequence_difference]") {
  // All pairs of words of up to five letters over {a, b} and their like, from a counter's bits.
  const auto word = [](unsigned bits, unsigned length) {
    Names names;
    for (unsigned i = 0; i < length; ++i) names.emplace_back(1, "abc"[(bits >> (2 * i)) % 3]);
    return names;
  };
  for (unsigned i = 0; i < 3000; ++i) {
    const Names before = word(i * 2654435761U, i % 7), after = word(i * 40503U + 77, i / 7 % 7);
    const auto edits = shortest_edit(before, after, 100);
    REQUIRE(edits);
    CHECK(edited(before, after, *edits) == after);
    std::size_t cost = 0;
    for (const Edit& edit : *edits) cost += edit.removed + edit.added;
    CHECK(cost == before.size() + after.size() - 2 * common_length(before, after));
  }
  CHECK(shortest_edit(Names{"a", "b"}, Names{"c", "d"}, 3) == std::nullopt);
  CHECK(shortest_edit(Names{"a", "b"}, Names{"c", "d"}, 4));
}

TEST_CASE("equal sequences", "[sequence_difference]") {
  CHECK(text_of({}, {}).empty());
  CHECK(text_of({"a", "b"}, {"a", "b"}).empty());
}

TEST_CASE("more, fewer and replaced", "[sequence_difference]") {
  const Names baseline{"norm", "gemm_a", "rope", "gemm_b", "gemm_c"};
  Names head = baseline;
  head.insert(head.begin() + 1, "triton_red_fused_rms_norm");
  head[5] = "gemm_d";
  CHECK(text_of(head, baseline) ==
        "one triton_red_fused_rms_norm more; gemm#3: gemm_c \u2192 gemm_d");
  CHECK(text_of({"norm", "gemm_a", "gemm_b", "gemm_c"}, baseline) == "one rope fewer");
  CHECK(text_of({"norm", "gemm_a", "rotary", "gemm_b", "gemm_c"}, baseline) ==
        "kernel#3: rope \u2192 rotary");
  CHECK(text_of({"x"}, {}) == "one x more");
}

TEST_CASE("two kernels fused into one", "[sequence_difference]") {
  CHECK(text_of({"gemm", "fused_norm_quant", "gemm"}, {"gemm", "norm", "quant", "gemm"}) ==
        "one fused_norm_quant more; one norm fewer; one quant fewer");
}

TEST_CASE("what changes in every layer is said once", "[sequence_difference]") {
  Names head, baseline;
  for (int layer = 0; layer < 32; ++layer) {
    for (const char* name : {"norm", "nvjet_128", "silu"}) baseline.emplace_back(name);
    for (const char* name : {"norm", "copy", "nvjet_64", "silu"}) head.emplace_back(name);
  }
  CHECK(text_of(head, baseline) == "32 copy more; 32 nvjet_64 more; 32 nvjet_128 fewer");
  CHECK(text_of(baseline, head).find("32") == 0);
}

TEST_CASE("the same replacement in several places", "[sequence_difference]") {
  CHECK(text_of({"nvjet_64", "x", "nvjet_64"}, {"nvjet_128", "x", "nvjet_128"}) ==
        "gemm#1 and 1 other: nvjet_128 \u2192 nvjet_64");
}

TEST_CASE("of long names the part that differs is shown", "[sequence_difference]") {
  CHECK(text_of({"nvjet_tst_some_very_long_prefix_of_the_kernel_64x64_h_bz"},
                {"nvjet_tst_some_very_long_prefix_of_the_kernel_128x64_h_bz"}) ==
        "gemm#1: nvjet_\u2026128x64_h_bz \u2192 nvjet_\u202664x64_h_bz");
}

TEST_CASE("a handful of phrases", "[sequence_difference]") {
  const Names head{"a", "b", "c", "d", "e", "f"};
  CHECK(text_of(head, {}) == "one a more; one b more; one c more; one d more; and 2 more");
}

TEST_CASE("sequences too different are counted", "[sequence_difference]") {
  const Names head(3000, "a"), baseline(10000, "b");
  CHECK(text_of(head, baseline) == "counted only, too much differs: 3000 a more; 10000 b fewer");
  Names forward, backward;
  for (int i = 0; i < 2000; ++i) forward.push_back(std::to_string(i));
  backward.assign(forward.rbegin(), forward.rend());
  CHECK(text_of(forward, backward) == "the same operators in another order");
  Names longer(10000, "a");
  longer[5000] = "b";
  CHECK(text_of(longer, Names(10000, "a")) == "kernel#5001: a \u2192 b");
}
