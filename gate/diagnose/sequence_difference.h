// SPDX-License-Identifier: Apache-2.0
// What differs between the operators that a range launches in the head and in the baseline: where
// they are equal, kernels are judged pairwise; where not, the range alone is judged and the report
// prints the difference.
//
// The shortest edit (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986) takes
// launches x edits, so it is tried up to most_edits; beyond that the operators are only counted,
// which finds no replacement and no change of order, and the text says so.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace perfgate {

inline constexpr std::size_t most_edits = 1000;  ///< some 4 MB and 10^7 steps at 10,000 launches

struct SequenceDifference {
  bool equal = true;
  /// "one triton_red_fused_rms_norm more; gemm#3: nvjet_…128x64… → nvjet_…64x64…", from the
  /// baseline to the head; "" when equal. `gemm#3` is the baseline's third GEMM, `kernel#3` its
  /// third launch.
  std::string text;
};

/// Both are sequences of operator_name() in launch order. The text has at most `most_phrases`
/// phrases, then "and N more".
SequenceDifference sequence_difference(std::span<const std::string> head,
                                       std::span<const std::string> baseline,
                                       std::size_t most_phrases = 4);

/// The kind of operator as people call it: "gemm", "attention", or "kernel" for every other one.
std::string_view operator_family(std::string_view operator_name);

}  // namespace perfgate
