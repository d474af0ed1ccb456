// SPDX-License-Identifier: Apache-2.0
// Which project a command belongs to, from wherever it is called, and what of it is in git.
#include <fmt/format.h>

#include "gate/cli/project.h"
#include "gate/record/record.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

namespace {

/// The branch's first commit has the program at its normal speed.
constexpr const char* policy = R"(schema = 1
[measure]
processes = 3
[[program]]
name = "decode"
command = ["./tools/program"{}]
ranges = ["my_decode_*_5/"]
)";

/// A repository of a user's: perfgate.toml at the top of `top`, which says only what differs, a
/// program, and a subfolder. Nothing is configured anywhere else.
Bench acme(const std::string& top = "") {
  Bench bench;
  fs::remove_all(bench.root() / "configs");
  fs::remove_all(bench.root() / "baselines");
  const fs::path repository = bench.root() / top;
  fs::create_directories(repository / "src" / "deep");
  fs::create_directories(repository / "tools");
  write_file(repository / "src" / "deep" / "kernel.cu", "");
  fs::create_symlink(Bench::program(), repository / "tools" / "program");
  write_file(repository / "perfgate.toml", fmt::format(policy, ""));
  bench.below = top;
  return bench;
}

void commit_all(const Bench& bench, const std::string& top) {
  bench.git({"add", "perfgate.toml", "perfgate", "src", "tools"}, top);
  bench.git({"commit", "-qm", "state"}, top);
}

const std::vector<std::string> with_library{"--library", Bench::program()};

Outcome gate(const Bench& bench, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), with_library.begin(), with_library.end());
  return bench.perfgate(arguments);
}

/// The same with a baseline, both committed on the branch `main`; then the program gets slower.
Bench acme_with_history(const std::string& top = "repository") {
  Bench bench = acme(top);
  bench.git({"init", "-q", "-b", "main"}, top);
  const Outcome refreshed = gate(bench, {"baseline", "refresh"});
  INFO(refreshed.err);
  REQUIRE(refreshed.code == 0);
  commit_all(bench, top);
  write_file(bench.root() / top / "perfgate.toml", fmt::format(policy, ", \"slow:1.04\""));
  return bench;
}

constexpr const char* failed = "FAIL: 2 regressed, 2 passed";

}  // namespace

TEST_CASE("perfgate.toml is found from a subfolder, with the defaults under it", "[discovery]") {
  Bench bench = acme("repository");
  bench.git({"init", "-q"}, "repository");
  bench.below = "repository/src/deep";
  const fs::path file = bench.root() / "repository" / "perfgate.toml";
  const Outcome shown = bench.perfgate({"config", "show", "--runner", "x"});
  CHECK(shown.code == 2);  // it measures nothing
  bench.runner.clear();
  const Outcome outcome = bench.perfgate({"config", "show"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out,
             ContainsSubstring("# project: " + file.string()) &&
                 ContainsSubstring(fmt::format("measure.processes = 3  # {}:3\n", file.string())) &&
                 ContainsSubstring("measure.samples = 200  # " + installation().policy.string()) &&
                 ContainsSubstring("program[0].name = \"decode\"  # ") &&
                 ContainsSubstring("judge.tolerance[0].cases = \"*\"  # ") &&
                 ContainsSubstring("judge.floor_us = 0.1  # ") &&
                 ContainsSubstring(fmt::format("# baselines: {}/perfgate/baselines\n",
                                               file.parent_path().string())) &&
                 ContainsSubstring("# models: llama-2-7b  ") &&
                 ContainsSubstring("# measured: the programs"));
}

TEST_CASE("outside of a git repository only the current folder counts", "[discovery]") {
  Bench bench = acme();
  bench.runner.clear();
  CHECK_THAT(bench.perfgate({"config", "show"}).out, ContainsSubstring("measure.processes = 3"));
  bench.below = "src";
  const Outcome outcome = bench.perfgate({"config", "show"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("# project: none here") &&
                              !ContainsSubstring("measure.processes = 3"));
}

TEST_CASE("--config wins over PERFGATE_CONFIG, and that over what lies here", "[discovery]") {
  Bench bench = acme();
  bench.runner.clear();
  write_file(bench.root() / "src" / "a.toml", "[measure]\nprocesses = 7\n");
  write_file(bench.root() / "src" / "b.toml", "[measure]\nprocesses = 8\n");
  bench.env["PERFGATE_CONFIG"] = "src/b.toml";
  CHECK_THAT(bench.perfgate({"config", "show", "--config", "src/a.toml"}).out,
             ContainsSubstring("measure.processes = 7") &&
                 ContainsSubstring((bench.root() / "src/perfgate/baselines").string()));
  CHECK_THAT(bench.perfgate({"config", "show"}).out, ContainsSubstring("measure.processes = 8"));
  bench.env["PERFGATE_CONFIG"] = "src/c.toml";
  const Outcome none = bench.perfgate({"config", "show"});
  CHECK(none.code == 2);
  CHECK_THAT(none.err, ContainsSubstring("PERFGATE_CONFIG: there is no src/c.toml"));
}

TEST_CASE("a mistake in either layer names its file", "[discovery]") {
  Bench bench = acme();
  bench.runner.clear();
  const fs::path file = bench.root() / "perfgate.toml";
  write_file(file, "[measure]\n\nprocesse = 3\n");
  CHECK_THAT(bench.perfgate({"config", "show"}).err,
             ContainsSubstring(file.string() + ":3: measure.processe: unknown key"));
  write_file(file, "[measure]\nprocesses = 1\n");
  CHECK_THAT(bench.perfgate({"config", "show"}).err,
             ContainsSubstring(file.string() + ":2: measure.processes: 1 is outside"));
  write_file(file, "schema = 2\n");
  CHECK_THAT(bench.perfgate({"config", "show"}).err,
             ContainsSubstring(":1: schema: this perfgate"));
  write_file(file,
             "[[program]]\nname = \"a\"\ncommand = [\"a\"]\nrange_source = \"all\"\n"
             "[[program]]\nname = \"b\"\ncommand = [\"b\"]\nrange_source = \"all\"\n");
  const Outcome several = bench.perfgate({});
  CHECK(several.code == 2);
  CHECK_THAT(several.err, ContainsSubstring("choose with --program: a, b"));
}

TEST_CASE("a model and a metric of the project join the installation's", "[discovery]") {
  Bench bench = acme();
  bench.runner.clear();
  const fs::path models = bench.root() / "perfgate" / "models";
  fs::create_directories(models);
  write_file(models / "mine.toml",
             replaced(source_file("configs/models/llama-2-7b.toml"), "\"llama-2-7b\"", "\"mine\""));
  write_file(bench.root() / "perfgate.toml",
             "[suite]\nmodels = [\"mine\", \"llama-2-7b\"]\nbatches = [1]\n");
  const Outcome listed = bench.perfgate({"list"});
  CHECK(listed.code == 0);
  CHECK_THAT(listed.out, ContainsSubstring("mine/b1/s1024/fp16/o_proj") &&
                             ContainsSubstring("llama-2-7b/b1/s1024/fp16/o_proj") &&
                             ContainsSubstring("22 cases"));
}

TEST_CASE("the baseline lies beside the project's file, wherever perfgate is called",
          "[discovery]") {
  Bench bench = acme_with_history();
  CHECK(fs::exists(bench.root() / "repository" / "perfgate" / "baselines" / "h200.toml"));
  bench.below = "repository/src/deep";
  const Outcome slow = gate(bench, {"-o", "run.json"});
  INFO(slow.err);
  CHECK(slow.code == 1);
  CHECK_THAT(slow.last_line(), ContainsSubstring(failed));
  const RunRecord run = read_record(read_file(bench.root() / bench.below / "run.json"), "run.json");
  CHECK(run.commit == bench.git({"rev-parse", "HEAD"}, "repository").substr(0, 40) + "-dirty");
  const std::string uncommitted = "note: the work tree had changes that commit ";
  CHECK_THAT(slow.flat(), ContainsSubstring(uncommitted + run.commit.substr(0, 12) + " does not"));
  CHECK_THAT(bench.perfgate({"baseline", "lint"}).last_line(), ContainsSubstring("0 findings"));
  // A config that is named elsewhere has its own baselines, and its own history.
  bench.below = "";
  const Outcome named = gate(bench, {"--config", "repository/perfgate.toml"});
  CHECK_THAT(named.last_line(), ContainsSubstring(failed));
}

TEST_CASE("what a build and perfgate itself leave in a checkout is no change of it",
          "[discovery]") {
  Bench bench = acme_with_history();
  write_file(bench.root() / "repository" / ".gitignore", "/build/\n");
  bench.git({"add", ".gitignore"}, "repository");
  bench.git({"commit", "-qam", "slower"}, "repository");
  fs::create_directories(bench.root() / "repository" / "build");
  write_file(bench.root() / "repository" / "build" / "kernel.o", "an ignored file");
  for (int run = 1; run <= 2; ++run) {  // the second finds the outputs of the first
    const Outcome outcome = gate(bench, {"-o", "run.json", "--json", "perfgate/result.json"});
    CHECK(outcome.code == 1);
    CHECK_THAT(outcome.flat(), !ContainsSubstring("the work tree had changes"));
  }
  CHECK(read_record(read_file(bench.root() / "repository" / "run.json"), "run.json").commit ==
        bench.git({"rev-parse", "HEAD"}, "repository").substr(0, 40));
}

TEST_CASE("list and run know a project of programs", "[discovery]") {
  Bench bench = acme();
  const Outcome listed = bench.perfgate({"list"});
  CHECK(listed.code == 0);
  CHECK(listed.out ==
        "cases      command\n"
        "decode/... ./tools/program\n"
        "1 program, whose cases its runs show\n");
  CHECK(gate(bench, {"run", "-o", "run.json"}).code == 0);
  const RunRecord run = read_record(read_file(bench.root() / "run.json"), "run.json");
  REQUIRE(run.plan.cases.size() == 4);
  CHECK(run.plan.cases.back().id == "decode/my_decode_{n}_5/range");
  CHECK(gate(bench, {"run", "-o", "run.json", "--only", "*"}).code == 2);
}

TEST_CASE("the doctor looks at the project's own baseline", "[discovery]") {
  Bench bench = acme_with_history();
  bench.below = "repository/src";
  const Outcome outcome = bench.perfgate({"doctor"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, ContainsSubstring("repository/perfgate/baselines/h200.toml"));
  CHECK_THAT(outcome.last_line(), EndsWith(" 0 FAIL"));
}

TEST_CASE("where there is no project, nothing of the installation is written", "[discovery]") {
  Bench bench = acme();
  bench.below = "tmp";
  const Outcome refused = bench.perfgate({"baseline", "refresh"});
  CHECK(refused.code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("baseline refresh needs a project") &&
                              ContainsSubstring("`perfgate init`"));
  CHECK_FALSE(fs::exists(bench.root() / "runner-state"));  // nothing was measured
  const Outcome ref = bench.perfgate({"--baseline-ref", "main"});
  CHECK(ref.code == 2);
  CHECK_THAT(ref.err, ContainsSubstring("--baseline-ref needs a project"));
}

TEST_CASE("--baseline-ref in a worktree, at a detached HEAD and in a clone of depth 1",
          "[discovery]") {
  Bench bench = acme_with_history();
  bench.git({"commit", "-qam", "slower"}, "repository");
  bench.git({"worktree", "add", "-q", "-b", "topic", "../worktree"}, "repository");
  bench.below = "worktree/src";
  const Outcome worktree = gate(bench, {"--baseline-ref", "main~1", "-o", "run.json"});
  INFO(worktree.err);
  CHECK(worktree.code == 1);
  bench.git({"checkout", "-q", "--detach"}, "worktree");
  CHECK(gate(bench, {"--baseline-ref", "main"}).code == 1);

  bench.git({"clone", "-q", "--depth", "1", "file://" + (bench.root() / "repository").string(),
             "shallow"});
  bench.below = "shallow/src/deep";
  CHECK(gate(bench, {"--baseline-ref", "origin/main"}).code == 1);
  const Outcome too_shallow = gate(bench, {"--baseline-ref", "origin/main~1"});
  CHECK(too_shallow.code == 2);
  CHECK_THAT(too_shallow.err, ContainsSubstring("git knows no such commit in ") &&
                                  ContainsSubstring("`fetch-depth: 0`"));
}

TEST_CASE("of a branch and a tag of one name, the branch judges", "[discovery]") {
  Bench bench = acme_with_history();
  // The tag is a commit whose baseline has the slow program.
  bench.git({"checkout", "-qb", "topic"}, "repository");
  REQUIRE(gate(bench, {"baseline", "refresh"}).code == 0);
  bench.git({"commit", "-qam", "slower"}, "repository");
  bench.git({"tag", "main"}, "repository");
  CHECK(gate(bench, {}).code == 0);
  const Outcome judged = gate(bench, {"--baseline-ref", "main"});
  CHECK(judged.code == 1);
  CHECK_THAT(judged.out, ContainsSubstring("this change edits its own baseline "
                                           "(perfgate/baselines/h200.toml)"));
}

TEST_CASE("paths with spaces and other letters, and a checkout behind a link", "[discovery]") {
  Bench bench = acme_with_history("Größe und Maß");
  bench.below += "/src";
  CHECK(gate(bench, {"--baseline-ref", "main"}).code == 1);
  fs::create_directory_symlink(bench.root() / "Größe und Maß", bench.root() / "link");
  bench.below = "link/src/deep";
  const Outcome linked = gate(bench, {"--baseline-ref", "main"});
  INFO(linked.err);
  CHECK(linked.code == 1);
}

TEST_CASE("git's own errors are told as git's", "[discovery]") {
  Bench bench = acme_with_history();
  // git itself can be told to take the repository for another user's.
  const fs::path tools = bench.root() / "bin";
  fs::create_directories(tools);
  write_file(tools / "git",
             "#!/bin/sh\nPATH=${PATH#*:} GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git \"$@\"\n");
  fs::permissions(tools / "git", fs::perms::owner_all);
  bench.before = fmt::format("PATH={}:$PATH", tools.string());
  bench.env["GIT_CONFIG_GLOBAL"] = "/dev/null";
  const Outcome refused = gate(bench, {"--baseline-ref", "main"});
  CHECK(refused.code == 2);
  CHECK_THAT(refused.err,
             ContainsSubstring("--baseline-ref main: git: detected dubious ownership") &&
                 ContainsSubstring("git config --global --add safe.directory") &&
                 !ContainsSubstring("no such commit"));
  const Outcome measured = gate(bench, {});
  CHECK(measured.code == 1);
  CHECK_THAT(measured.err, ContainsSubstring("warning: git: detected dubious ownership"));
}
