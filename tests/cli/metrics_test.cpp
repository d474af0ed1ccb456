// SPDX-License-Identifier: Apache-2.0
// `perfgate metrics`: how the gate handles a runner's answer. tests/cuda tests the real runner's,
// where there is a toolkit.
#include <filesystem>

#include "gate/os/files.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"

using perfgate::write_file;

namespace {

/// Makes this shell script the runner; its arguments are "metrics --chip C --request F --out G".
void script(Bench& bench, const std::string& text) {
  const auto file = bench.root() / "runner";
  write_file(file, "#!/bin/sh\n" + text);
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  bench.runner = file.string();
}

}  // namespace

TEST_CASE("metrics prints what the runner wrote, for the set that was asked for", "[metrics]") {
  Bench bench;
  // The number of lines with an id in the request tells which set's metrics were taken.
  script(bench, R"sh(printf '%s: %s' "$3" "$(grep -c '"id"' "$5")" >"$7")sh");
  const auto answer = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"metrics", "--chip", "GH100"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 0);
    CHECK(outcome.err.empty());
    return outcome.out;
  };
  const std::string design = answer({}), gate = answer({"--set", "gate"});
  CHECK_THAT(design, StartsWith("set design on GH100: "));
  CHECK_THAT(gate, StartsWith("set gate on GH100: "));
  CHECK(answer({"--set", "design"}) == design);
  CHECK(design.substr(design.rfind(' ')) != gate.substr(gate.rfind(' ')));
  CHECK(bench.leftovers().empty());
}

TEST_CASE("metrics of an unknown chip or set, or without a chip, exits 2", "[metrics]") {
  Bench bench;
  script(bench, "echo \"perfgate-runner: error: no chip 'X' (did you mean 'Y'?)\" >&2; exit 2\n");
  Outcome outcome = bench.perfgate({"metrics", "--chip", "X"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, StartsWith("perfgate: error: no chip 'X' (did you mean 'Y'?)"));
  outcome = bench.perfgate({"metrics", "--chip", "GH100", "--set", "desing"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("no metric set 'desing' (did you mean 'design'?); "
                                            "configs/metrics.toml has: design, explain, gate"));
  outcome = bench.perfgate({"metrics"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("metrics needs a chip"));
}

TEST_CASE("metrics without a runner, or with one that dies, exits 3", "[metrics]") {
  Bench bench;
  bench.runner = (bench.root() / "not-there").string();
  Outcome outcome = bench.perfgate({"metrics", "--chip", "GH100"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("no runner: ") && ContainsSubstring("--runner"));
  script(bench, "echo it broke; kill -SEGV $$\n");
  outcome = bench.perfgate({"metrics", "--chip", "GH100"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("killed by SIGSEGV: it broke"));
  script(bench, "exit 0\n");  // it writes no answer
  CHECK(bench.perfgate({"metrics", "--chip", "GH100"}).code != 0);
}
