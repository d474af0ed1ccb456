// SPDX-License-Identifier: Apache-2.0
// --baseline-ref: a baseline of another commit judges the run.
#include "gate/baseline/baseline.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

void commit_all(const Bench& bench) {
  bench.git({"add", "baselines", "configs"});
  bench.git({"commit", "-qm", "state"});
}

/// A repository whose branch `base` has a baseline in which o_proj takes its normal time.
Bench with_history() {
  Bench bench;
  bench.git({"init", "-q", "-b", "base"});
  bench.make_baseline();
  commit_all(bench);
  return bench;
}

constexpr const char* note =
    "this change edits its own baseline (baselines/h200.toml), or is behind base: judged against "
    "base's";

}  // namespace

TEST_CASE("a change can't edit its own judge", "[baseline_ref]") {
  Bench bench = with_history();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.1";
  bench.make_baseline("slow:*/o_proj:1.1");  // the change brings a baseline that hides it
  CHECK(bench.perfgate({}).code == 0);
  const Outcome outcome = bench.perfgate({"--baseline-ref", "base", "--json", "r.json"});
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.flat(), ContainsSubstring(note));
  CHECK_THAT(read_file(bench.root() / "r.json"), ContainsSubstring(note));
  // The same holds when it is committed on another branch.
  bench.git({"checkout", "-qb", "change"});
  commit_all(bench);
  CHECK(bench.perfgate({"check", "--baseline-ref", "base"}).code == 1);
  CHECK(bench.perfgate({"--baseline-ref", "change"}).code == 0);
  // A change that deletes its baseline is judged, too.
  std::filesystem::remove(bench.baseline());
  const Outcome removed = bench.perfgate({"--baseline-ref", "base"});
  CHECK(removed.code == 1);
  CHECK_THAT(removed.flat(), ContainsSubstring(note));
}

TEST_CASE("an untouched baseline needs no note", "[baseline_ref]") {
  const Bench bench = with_history();
  bench.save_run("a.json");
  for (const char* ref : {"base", "HEAD"}) {
    const Outcome outcome = bench.perfgate({"compare", "a.json", "--baseline-ref", ref});
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, !ContainsSubstring("edits its own baseline"));
  }
}

TEST_CASE("the project need not be the top of the repository", "[baseline_ref]") {
  Bench bench;
  bench.make_baseline();
  const auto inner = bench.root() / "tools" / "gate";
  std::filesystem::create_directories(inner);
  for (const char* folder : {"configs", "baselines"})
    std::filesystem::rename(bench.root() / folder, inner / folder);
  bench.git({"init", "-q", "-b", "base"});
  bench.git({"add", "tools"});
  bench.git({"commit", "-qm", "state"});
  CHECK(bench.perfgate({"--config", "tools/gate/configs/perfgate.toml", "--baseline-ref", "base"})
            .code == 0);
}

TEST_CASE("a baseline that is longer than a child's log comes whole", "[baseline_ref]") {
  Bench bench;
  bench.git({"init", "-q", "-b", "base"});
  bench.make_baseline();
  Baseline baseline = read_baseline(read_file(bench.baseline()), "b");
  // The file has 200 kB; run_child keeps 64 KiB.
  for (BaselineCase& one : baseline.cases)
    one.kernels.resize(200, {"a_kernel_with_a_rather_long_name", {1, 1, 1}, {1, 1, 1}, 1, 1});
  write_file(bench.baseline(), write_baseline(baseline));
  REQUIRE(std::filesystem::file_size(bench.baseline()) > 200000);
  commit_all(bench);
  bench.save_run("a.json");
  CHECK(bench.perfgate({"compare", "a.json", "--baseline-ref", "base"}).code == 0);
}

TEST_CASE("a ref that git does not know says how to get it", "[baseline_ref]") {
  const Bench bench = with_history();
  const Outcome unknown = bench.perfgate({"--baseline-ref", "origin/main"});
  CHECK(unknown.code == 2);
  CHECK_THAT(unknown.err, ContainsSubstring("--baseline-ref origin/main: git knows no such") &&
                              ContainsSubstring("`git fetch origin main`") &&
                              ContainsSubstring("`fetch-depth: 0`"));
  // A range, an exclusion or two commits are not a commit.
  for (const char* ref : {"base..HEAD", "^base", "base HEAD"})
    CHECK(bench.perfgate({"--baseline-ref", ref}).code == 2);
  // Nothing was measured before the refusal.
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
  const Bench no_repository;
  no_repository.make_baseline();
  const Outcome none = no_repository.perfgate({"--baseline-ref", "main"});
  CHECK(none.code == 2);
  CHECK_THAT(none.err, ContainsSubstring("--baseline-ref main: git: not a git repository"));
}

TEST_CASE("a commit without the baseline, and one with a broken one", "[baseline_ref]") {
  Bench bench = with_history();
  bench.git({"rm", "-q", "--cached", "baselines/h200.toml"});
  bench.git({"commit", "-qm", "none"});
  const Outcome none = bench.perfgate({"--baseline-ref", "HEAD"});
  CHECK(none.code == 3);
  CHECK_THAT(none.err, ContainsSubstring("no baselines/h200.toml in commit ") &&
                           ContainsSubstring("perfgate baseline refresh --gpu h200"));
  write_file(bench.baseline(),
             replaced(read_file(bench.baseline()), "sm_count = 132", "sm_count = 133"));
  commit_all(bench);
  const Outcome broken = bench.perfgate({"--baseline-ref", "HEAD"});
  CHECK(broken.code == 2);
  CHECK_THAT(broken.err, ContainsSubstring("HEAD:baselines/h200.toml:6: checksum: "));
}

TEST_CASE("a ref is no option and no path", "[baseline_ref]") {
  const Bench bench = with_history();
  for (const std::vector<std::string>& ref : {std::vector<std::string>{"--baseline-ref=--output=x"},
                                              {"--baseline-ref=base:x"},
                                              {"--baseline-ref", ""}}) {
    const Outcome outcome = bench.perfgate(ref);
    INFO(ref.back());
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("not a branch, tag or commit"));
  }
  struct Row {
    std::vector<std::string> arguments;
    const char* text;
  };
  for (const Row& row :
       {Row{{"--baseline-ref", "base", "--baseline", "b.toml"}, "give one"},
        Row{{"compare", "a.json", "--against", "b.toml", "--baseline-ref", "base"}, "give one"},
        Row{{"run", "-o", "a.json", "--baseline-ref", "base"}, "is for check and compare"},
        Row{{"baseline", "refresh", "--baseline-ref", "base"}, "is for check and compare"}}) {
    const Outcome outcome = bench.perfgate(row.arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(row.text));
  }
}

TEST_CASE("a change can't loosen the policy that judges it", "[baseline_ref]") {
  Bench bench = with_history();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.1";
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  const std::string policy_note =
      "this change edits the policy (configs/perfgate.toml), or is behind base: judged by base's";
  struct Edit {
    const char *from, *to;
  };
  for (const Edit& edit :
       {Edit{"percent = 2.0", "percent = 100.0"}, Edit{"floor_us = 0.05", "floor_us = 1000"},
        Edit{"\nalpha = 0.001", "\nalpha = 1e-9"}}) {
    INFO(edit.to);
    const std::string before = read_file(bench.root() / "configs" / "perfgate.toml");
    bench.change_policy(edit.from, edit.to);
    const Outcome saved = bench.perfgate({"compare", "slow.json", "--baseline-ref", "base"});
    CHECK(saved.code == 1);
    CHECK_THAT(saved.out, ContainsSubstring("note: " + policy_note));
    const Outcome live = bench.perfgate({"--baseline-ref", "base", "--json", "r.json"});
    CHECK(live.code == 1);
    CHECK_THAT(read_file(bench.root() / "r.json"), ContainsSubstring(policy_note));
    write_file(bench.root() / "configs" / "perfgate.toml", before);
  }
  CHECK_THAT(bench.perfgate({"compare", "slow.json", "--baseline-ref", "base"}).out,
             !ContainsSubstring("edits the policy"));
}

TEST_CASE("how much is measured, and the metrics, are the base branch's too", "[baseline_ref]") {
  Bench bench = with_history();
  bench.change_policy("processes = 3", "processes = 2");
  const auto metrics = bench.root() / "configs" / "metrics.toml";
  write_file(metrics, replaced(read_file(metrics), "worse = \"higher\"", "worse = \"neither\""));
  const Outcome outcome = bench.perfgate({"--baseline-ref", "base", "-o", "run.json"});
  CHECK(outcome.code == 0);
  CHECK(read_record(read_file(bench.root() / "run.json"), "run.json").processes.size() == 4);
  CHECK_THAT(outcome.out, ContainsSubstring("edits the policy (configs/metrics.toml)") &&
                              !ContainsSubstring("not compared"));
}

TEST_CASE("a case that comes with its own baseline is new; half a suite dropped is missing",
          "[baseline_ref]") {
  Bench bench = with_history();
  bench.change_policy("models = [\"llama-2-7b\"]", "models = [\"llama-2-7b\", \"llama-3.1-8b\"]");
  CHECK(bench.perfgate({"--baseline-ref", "base"}).code == 3);  // and no baseline comes with it
  bench.make_baseline();
  const Outcome added = bench.perfgate({"--baseline-ref", "base"});
  CHECK(added.code == 0);
  CHECK_THAT(added.last_line(), ContainsSubstring("11 passed, 11 new"));
  commit_all(bench);
  bench.git({"branch", "wide"});
  bench.change_policy("models = [\"llama-2-7b\", \"llama-3.1-8b\"]", "models = [\"llama-3.1-8b\"]");
  bench.make_baseline();  // the change drops them from its own baseline, too
  const Outcome dropped = bench.perfgate({"--baseline-ref", "wide"});
  CHECK(dropped.code == 3);
  CHECK_THAT(dropped.last_line(), ContainsSubstring("11 passed, 11 missing"));
  CHECK_THAT(dropped.flat(), ContainsSubstring("llama-2-7b/b1/s1024/fp16, 11 cases"));
}

TEST_CASE("what a change accepts counts where the base branch's policy lets it", "[baseline_ref]") {
  Bench bench = with_history();
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  const auto accept = [&](int percent) {
    bench.change_policy("[replay]",
                        "[[accept]]\ncases = \"*/o_proj\"\npercent = " + std::to_string(percent) +
                            "\nwhy = \"more precise\"\nwho = \"lea\"\n[replay]");
  };
  const auto judged = [&](const std::string& ref) {
    return bench.perfgate({"compare", "slow.json", "--baseline-ref", ref});
  };
  bench.change_policy("on_inconclusive", "accept = true\non_inconclusive");
  accept(12);
  CHECK(bench.perfgate({"compare", "slow.json"}).code == 0);  // its own policy lets it
  CHECK(judged("base").code == 1);                            // the base branch's does not
  CHECK_THAT(judged("base").out, ContainsSubstring("the policy has no judge.accept"));

  Bench open = with_history();
  open.change_policy("on_inconclusive", "accept = true\non_inconclusive");
  commit_all(open);
  std::swap(bench, open);
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  accept(12);
  const Outcome accepted = judged("base");
  CHECK(accepted.code == 0);
  CHECK_THAT(accepted.last_line(), ContainsSubstring("10 passed, 1 accepted") ||
                                       ContainsSubstring("1 accepted, 10 passed"));
  CHECK_THAT(accepted.out, ContainsSubstring("accepted up to 12.0 % (lea: more precise)"));
  // Once merged, the entry belongs to that change and excuses no later one.
  commit_all(bench);
  CHECK(judged("HEAD").code == 1);
}

TEST_CASE("a change that is behind its base branch is told so", "[baseline_ref]") {
  Bench bench = with_history();
  bench.save_run("a.json");
  bench.git({"checkout", "-qb", "change"});
  bench.git({"commit", "-qm", "ahead", "--allow-empty"});
  const auto judged = [&] {
    const Outcome outcome = bench.perfgate({"compare", "a.json", "--baseline-ref", "base"});
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  CHECK_THAT(judged(), !ContainsSubstring("behind"));
  bench.git({"checkout", "-q", "base"});
  for (const char* message : {"a faster kernel", "its baseline"})
    bench.git({"commit", "-qm", message, "--allow-empty"});
  bench.git({"checkout", "-q", "change"});
  CHECK_THAT(judged(), ContainsSubstring("this change is 2 commits behind base: the baseline may"));
}
