// SPDX-License-Identifier: Apache-2.0
// What the machine code of a program's kernels says of a slowdown. Unlike the built-in layer's, a
// program's kernel may get other arguments.
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

/// Gates a program whose second kernel is 3 % slower than in the baseline; its codes are these.
Outcome slower_program(const std::string& base_code, const std::string& code,
                       const std::vector<std::string>& behaviours) {
  const Bench bench;
  bench.change_policy("metric = []\n", "");
  bench.change_policy("[replay]", R"([[judge.metric]]
metric = "instructions"
cases = "*"
percent = 0.5
floor = 0
why = "test"

[replay])");
  const auto gate = [&](std::vector<std::string> arguments, const std::string& speed,
                        const std::string& of) {
    arguments.insert(arguments.end(), {"--library", Bench::program(), "--nvtx-include",
                                       "my_decode_*_5/", "--", Bench::program(), speed});
    if (!of.empty()) arguments.push_back("code:" + of);
    arguments.insert(arguments.end(), behaviours.begin(), behaviours.end());
    return bench.perfgate(arguments);
  };
  const Outcome refreshed = gate({"baseline", "refresh"}, "slow:1", base_code);
  INFO(refreshed.err);
  REQUIRE(refreshed.code == 0);
  return gate({}, "slow:1.03", code);
}

const std::string code_a = "0123456789abcdef", code_b = "fedcba9876543210";

}  // namespace

TEST_CASE("the same code did the same work, so the environment made it slower", "[program_code]") {
  const Outcome outcome = slower_program(code_a, code_a, {"repeats"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 1);  // the range has kernels whose code is unknown
  CHECK_THAT(outcome.flat(), ContainsSubstring("its machine code and launch are the baseline's"));
  CHECK_THAT(outcome.last_line(), ContainsSubstring("1 regressed, 2 passed, 1 inconclusive"));
}

TEST_CASE("without a count that repeats, the same code may have other arguments",
          "[program_code]") {
  CHECK_THAT(slower_program(code_a, code_a, {}).last_line(),
             ContainsSubstring("FAIL: 2 regressed"));
}

TEST_CASE("another code, and an unknown one, are to blame", "[program_code]") {
  const Outcome changed = slower_program(code_a, code_b, {"repeats"});
  CHECK_THAT(changed.last_line(), ContainsSubstring("FAIL: 2 regressed"));
  CHECK_THAT(changed.flat(), ContainsSubstring("code changed"));
  CHECK_THAT(slower_program(code_a, "", {"repeats"}).last_line(),
             ContainsSubstring("FAIL: 2 regressed"));
}
