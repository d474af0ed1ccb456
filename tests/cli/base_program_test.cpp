// SPDX-License-Identifier: Apache-2.0
// A program beside the same program of another commit.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "gate/record/record.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

TEST_CASE("a program is judged beside its base build", "[base_program]") {
  const Bench bench;
  fs::create_directories(bench.root() / "base");
  // The same command in two checkouts: what it does is in a file beside it.
  const auto behave = [&](const fs::path& folder, const std::string& behaviours) {
    write_file(folder / "run.sh", fmt::format("exec {} {}\n", Bench::program(), behaviours));
  };
  behave(bench.root() / "base", "slow:1");
  bench.change_policy("[replay]", R"([[program]]
name = "decode"
command = ["sh", "run.sh"]
ranges = ["my_decode_*_5/"]

[replay])");
  const auto gate = [&](std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments[0] == "ab")
      arguments.insert(arguments.end(), {"--head", bench.runner});
    arguments.insert(arguments.end(),
                     {"--program", "decode", "--library", Bench::program(), "-o", "run.json"});
    return bench.perfgate(arguments);
  };
  const std::vector<std::string> base{"--base-folder", "base"};
  const auto beside = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), base.begin(), base.end());
    return gate(std::move(arguments));
  };
  behave(bench.root(), "slow:1");
  CHECK(
      bench.perfgate({"baseline", "refresh", "--program", "decode", "--library", Bench::program()})
          .code == 0);

  SECTION("both are slower than the stored baseline, so the change is not to blame") {
    behave(bench.root(), "slow:1.05");
    behave(bench.root() / "base", "slow:1.05");
    CHECK_THAT(gate({}).last_line(), ContainsSubstring("FAIL: 2 regressed"));
    const Outcome outcome = beside({});
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, ContainsSubstring("drifted"));
    const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
    CHECK(std::count_if(run.processes.begin(), run.processes.end(), [](const auto& process) {
            return process.side == Side::base && process.kind == ProcessKind::timing;
          }) >= 3);
    CHECK(run.order_seed);
  }
  SECTION("the head alone is slower") {
    behave(bench.root(), "slow:1.03");
    const Outcome outcome = beside({});
    CHECK_THAT(outcome.last_line(), ContainsSubstring("FAIL: 2 regressed, 2 passed"));
    CHECK_THAT(outcome.flat(), ContainsSubstring("against the base build"));
  }
  SECTION("ab needs no stored baseline") {
    fs::remove_all(bench.root() / "baselines");
    const Outcome same = beside({"ab", "--rounds", "6"});
    INFO(same.err);
    CHECK(same.code == 0);
    CHECK_THAT(same.flat(), ContainsSubstring("the base build sh run.sh in"));
    behave(bench.root(), "slow:1.03");
    CHECK_THAT(beside({"ab"}).last_line(), ContainsSubstring("FAIL: 2 regressed, 2 passed"));
  }
  SECTION("one more kernel is told, and the range judged") {
    behave(bench.root(), "more");
    const Outcome outcome = beside({"ab"});
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.flat(), ContainsSubstring("FAIL: 1 regressed, 0 passed, 4 new") &&
                                   ContainsSubstring("one void added more"));
  }
  SECTION("a base build that can't be measured is named") {
    behave(bench.root() / "base", "no-nvtx");
    const Outcome outcome = beside({});
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("the base build: nothing called NVTX"));
  }
  SECTION("the base build's own command") {
    behave(bench.root(), "slow:1.03");
    const Outcome outcome = gate({"ab", "--base-command", "sh base/run.sh"});
    CHECK_THAT(outcome.last_line(), ContainsSubstring("FAIL: 2 regressed"));
  }
}

TEST_CASE("a base build that fits nothing is refused", "[base_program]") {
  const Bench bench;
  const auto refused = [&](const std::vector<std::string>& arguments, const char* said) {
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(said));
  };
  refused({"--base-folder", "."}, "--base-folder and --base-command are a program's");
  refused({"ab", "--program", "decode"}, "ab needs two builds");
  refused({"ab", "--program", "decode", "--base", "x", "--head", "y"},
          "--base-folder or --base-command");
  refused({"ab", "--base-folder", ".", "--base", "x"}, "no --base and no --only");
  refused({"--replay", "run.json", "--base-folder", "."}, "a program's base build");
  refused({"--base-folder", "nowhere", "--library", Bench::program(), "--", "true"},
          "--base-folder nowhere: there is no such folder");
}
