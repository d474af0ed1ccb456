// SPDX-License-Identifier: Apache-2.0
// perfgate baseline show, diff, lint; refresh of a part, accepted changes, edits by hand.
#include "gate/baseline/baseline.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Baseline stored(const Bench& bench) {
  return read_baseline(read_file(bench.baseline()), "b");
}

void edit(const Bench& bench, std::string_view from, std::string_view to) {
  write_file(bench.baseline(), replaced(read_file(bench.baseline()), from, to));
}

double first_us(const Baseline& baseline, const std::string& id) {
  return baseline.find(id)->durations_s()[0] * 1e6;
}

}  // namespace

TEST_CASE("show prints the baseline of --gpu, of the GPU, of a file, or the only one",
          "[baseline_edit]") {
  Bench bench;
  bench.make_baseline();
  for (const std::vector<std::string>& which : {std::vector<std::string>{},
                                                {"--gpu", "h200"},
                                                {"baselines/h200.toml"},
                                                {"--baseline", "baselines/h200.toml"}}) {
    std::vector<std::string> arguments{"baseline", "show"};
    arguments.insert(arguments.end(), which.begin(), which.end());
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out,
               ContainsSubstring("baselines/h200.toml\nGPU        NVIDIA H200 (h200)"));
    CHECK(outcome.last_line() == "11 cases");
  }
  bench.env["PERFGATE_NVML"] = "/none";
  CHECK(bench.perfgate({"baseline", "show"}).last_line() == "11 cases");
  std::filesystem::copy(bench.baseline(), bench.root() / "baselines" / "l4.toml");
  const Outcome which = bench.perfgate({"baseline", "show"});
  CHECK(which.code == 2);
  CHECK_THAT(which.err, ContainsSubstring("give --gpu ID or a file; there is: h200, l4"));
  const Outcome none = bench.perfgate({"baseline", "show", "--gpu", "a10"});
  CHECK(none.code == 3);
  CHECK_THAT(none.err, ContainsSubstring("no baseline for a10"));
}

TEST_CASE("diff prints conditions and cases, and is no judge", "[baseline_edit]") {
  Bench bench;
  bench.make_baseline("slow:*/o_proj:2");
  Baseline other = stored(bench);
  other.gpu.driver = "600.1";
  write_file(bench.root() / "other.toml", write_baseline(other));
  bench.make_baseline();
  const Outcome outcome = bench.perfgate({"baseline", "diff", "other.toml", "baselines/h200.toml"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, StartsWith("gpu.driver: 600.1 -> 570.86.15\n") &&
                              ContainsSubstring("o_proj  22.79 -> 11.39 us (-50.0 %)"));
  CHECK(bench.perfgate({"baseline", "diff", "other.toml", "none.toml"}).code == 2);
}

TEST_CASE("lint is green for a good baseline and exits 2 for a finding", "[baseline_edit]") {
  const Bench bench;
  const Outcome nothing = bench.perfgate({"baseline", "lint"});
  CHECK(nothing.code == 2);
  CHECK_THAT(nothing.err, ContainsSubstring("no baseline in ") &&
                              ContainsSubstring("`perfgate baseline refresh`"));
  bench.make_baseline();
  const Outcome good = bench.perfgate({"baseline", "lint"});
  CHECK(good.code == 0);
  CHECK(good.out == "perfgate: 0 findings in 1 baseline\n");
  std::filesystem::copy(bench.baseline(), bench.root() / "baselines" / "l4.toml");
  const Outcome copied = bench.perfgate({"baseline", "lint"});
  CHECK(copied.code == 2);
  CHECK_THAT(copied.out, ContainsSubstring("baselines/l4.toml: gpu_id is h200"));
  CHECK(copied.last_line() == "perfgate: 1 finding in 2 baselines");
  CHECK(bench.perfgate({"baseline", "lint", "baselines/h200.toml"}).code == 0);
  bench.change_policy("batches = [1]", "batches = [2]");
  const Outcome moved = bench.perfgate({"baseline", "lint", "baselines/h200.toml"});
  CHECK(moved.last_line() == "perfgate: 22 findings in 1 baseline");
}

TEST_CASE("a baseline that was edited by hand judges nothing", "[baseline_edit]") {
  const Bench bench;
  bench.make_baseline();
  bench.save_run("a.json");
  edit(bench, "read_gb_per_s = 4000.0", "read_gb_per_s = 4100.0");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"compare", "a.json"},
        {"compare", "a.json", "--against", "baselines/h200.toml"},
        {"baseline", "show"}}) {
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("h200.toml:6: checksum: does not fit the file") &&
                                ContainsSubstring("`perfgate baseline refresh`"));
  }
  const Outcome lint = bench.perfgate({"baseline", "lint"});
  CHECK(lint.code == 2);
  CHECK_THAT(lint.out, ContainsSubstring("checksum: does not fit"));
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
  // The fix that the error names must work.
  const Outcome refresh = bench.perfgate({"baseline", "refresh"});
  CHECK(refresh.code == 0);
  CHECK_THAT(refresh.out, ContainsSubstring("replaced without a comparison: "));
  CHECK(bench.perfgate({}).code == 0);
}

TEST_CASE("refresh --only replaces those cases and nothing else", "[baseline_edit]") {
  Bench bench;
  bench.make_baseline("slow:*:2");
  const Baseline before = stored(bench);
  const Outcome outcome = bench.perfgate({"baseline", "refresh", "--only", "*/o_proj"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.last_line(),
             StartsWith("perfgate: 1 of 11 cases of the baseline of h200 replaced in "));
  CHECK_THAT(outcome.out, ContainsSubstring("o_proj  22.79 -> 11.39 us (-50.0 %)") &&
                              !ContainsSubstring("silu_mul"));
  CHECK(read_file(bench.root() / "runner-state").size() == 13);
  Baseline after = stored(bench);
  CHECK(first_us(after, o_proj) == Approx(first_us(before, o_proj) / 2).epsilon(1e-3));
  CHECK(after.sessions.size() == 2);
  CHECK(after.find(o_proj)->sessions_s.contains(2));
  CHECK_FALSE(after.find(o_proj)->sessions_s.contains(1));
  // With its old values in place of the one case, it is the old file to the byte.
  for (BaselineCase& one : after.cases)
    if (one.id == o_proj) one = *before.find(o_proj);
  after.sessions.erase(2);
  CHECK(write_baseline(after) == write_baseline(before));
}

TEST_CASE("refresh --only needs a file that it can stand in, before it measures",
          "[baseline_edit]") {
  struct Row {
    std::string from, to;
    const char* text;
  };
  for (const Row& row : {
           Row{"board = \"GPU-aaaa\"", "board = \"GPU-bbbb\"", "board GPU-aaaa now, which is none"},
           Row{"driver = \"570.86.15\"", "driver = \"600.1\"", "driver 570.86.15 now, 600.1 in"},
           Row{"clocks = \"observe\"", "clocks = \"verify\"", "clocks observe now, verify in"},
           Row{"gemm_backend = \"auto\"", "gemm_backend = \"cublas\"",
               "decode: gemm_backend auto now, cublas in the file"},
           Row{"ecc = true", "ecc = false", "ECC is on now, off in the file"},
           // Only the runner knows these two.
           Row{"cuda = \"12.8\"", "cuda = \"13.0\"", "CUDA 12.8 now, 13.0 in the file"},
           Row{"cublas = \"12.8.4\"", "cublas = \"13.1.0\"", "cuBLAS 12.8.4 now, 13.1.0 in"},
       }) {
    const Bench bench;
    bench.make_baseline();
    bench.change_baseline(row.from, row.to);
    const std::string before = read_file(bench.baseline());
    const Outcome outcome = bench.perfgate({"baseline", "refresh", "--only", "*/o_proj"});
    INFO(row.from);
    CHECK(outcome.code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("h200.toml: ") && ContainsSubstring(row.text));
    CHECK(read_file(bench.baseline()) == before);
    const bool known_early = row.from.starts_with("board") || row.from.starts_with("driver") ||
                             row.from.starts_with("clocks") ||
                             row.from.starts_with("gemm_backend") || row.from.starts_with("ecc");
    CHECK(std::filesystem::exists(bench.root() / "runner-state") != known_early);
  }
}

TEST_CASE("a bad case leaves the other cases of the file, too", "[baseline_edit]") {
  Bench bench;
  bench.make_baseline();
  const std::string before = read_file(bench.baseline());
  bench.env["FAKE_RUNNER"] = "wrong:*/o_proj";
  const Outcome outcome = bench.perfgate({"baseline", "refresh", "--only", "*_proj"});
  CHECK(outcome.code == 3);
  CHECK_THAT(outcome.err, ContainsSubstring("fp16/o_proj: its output is wrong"));
  CHECK(read_file(bench.baseline()) == before);
}

TEST_CASE("an accepted change stays until its case is measured again", "[baseline_edit]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.1";
  const Outcome outcome = bench.perfgate(
      {"baseline", "refresh", "--accept", o_proj, "--why", "the tile is larger: 10 % for bf16"});
  CHECK(outcome.code == 0);
  Baseline after = stored(bench);
  REQUIRE(after.accepted.size() == 1);
  CHECK(after.accepted[0].case_id == o_proj);
  CHECK(after.accepted[0].why == "the tile is larger: 10 % for bf16");
  CHECK(after.accepted[0].when == after.created);
  CHECK(after.accepted[0].new_s / after.accepted[0].old_s == Approx(1.1).epsilon(1e-4));
  CHECK_THAT(bench.perfgate({"baseline", "show"}).flat(),
             ContainsSubstring("accepted " + o_proj + ": 11.39 -> 12.53 us (+10.0 %), ") &&
                 ContainsSubstring(": the tile is larger: 10 % for bf16\n"));
  // A refresh of other cases keeps it, and can add a second one; a refresh of this case drops it.
  REQUIRE(bench
              .perfgate({"baseline", "refresh", "--only", "*/rotary", "--accept", case_of("rotary"),
                         "--why", "meant, too"})
              .code == 0);
  after = stored(bench);
  REQUIRE(after.accepted.size() == 2);
  CHECK(after.accepted[0].case_id == o_proj);
  CHECK(after.accepted[1].case_id == case_of("rotary"));
  REQUIRE(bench.perfgate({"baseline", "refresh", "--only", "*/o_proj"}).code == 0);
  after = stored(bench);
  REQUIRE(after.accepted.size() == 1);
  CHECK(after.accepted[0].case_id == case_of("rotary"));
}

TEST_CASE("a baseline command that can't be right is refused before it measures",
          "[baseline_edit]") {
  struct Row {
    std::vector<std::string> arguments;
    const char* text;
  };
  const Bench bench;
  for (const Row& row : {
           Row{{"refresh", "--only", "*/o_proj"}, "h200.toml is not there; measure the whole"},
           Row{{"refresh", "--accept", o_proj, "--why", "w"}, "h200.toml is not there"},
       }) {
    std::vector<std::string> arguments = row.arguments;
    arguments.insert(arguments.begin(), "baseline");
    const Outcome outcome = bench.perfgate(arguments);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(row.text));
  }
  bench.make_baseline();
  for (const Row& row : {
           Row{{"refresh", "--accept", o_proj}, "1 --accept, 0 --why"},
           Row{{"refresh", "--why", "because"}, "0 --accept, 1 --why"},
           Row{{"refresh", "--accept", o_proj, "--why", " "}, "--why is empty"},
           Row{{"refresh", "--accept", "x/o_proj", "--why", "w"}, "the baseline has no such case"},
           Row{{"refresh", "--only", "*/rotary", "--accept", o_proj, "--why", "w"},
               "it is not measured"},
           Row{{"refresh", "--only", "*/rotray"}, "matches none of the 11 cases"},
           Row{{"show", "--accept", o_proj, "--why", "w"}, "unknown argument"},
           Row{{"show", "a.toml", "b.toml"}, "show prints one"},
           Row{{"show", "a.toml", "--gpu", "h200"}, "show prints one"},
           Row{{"diff", "a.toml"}, "needs two files"},
           Row{{"difff"}, "did you mean 'diff'?"},
       }) {
    std::vector<std::string> arguments = row.arguments;
    arguments.insert(arguments.begin(), "baseline");
    const Outcome outcome = bench.perfgate(arguments);
    INFO(row.text);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(row.text));
  }
  CHECK_FALSE(std::filesystem::exists(bench.root() / "runner-state"));
}

TEST_CASE("a board's own baseline stands beside the others' and comes first", "[baseline_edit]") {
  Bench bench;
  bench.make_baseline("slow:*/o_proj:1.1");
  const auto own = bench.root() / "baselines" / "h200.aaaa.toml";
  const std::string common = read_file(bench.baseline());
  CHECK(bench.perfgate({"baseline", "refresh", "--board"}).code == 0);
  CHECK(read_baseline(read_file(own), "own").gpu.uuid == "GPU-aaaa");
  CHECK(read_file(bench.baseline()) == common);
  // By the common file this run is an improvement, by the board's own file it is none.
  CHECK_THAT(bench.perfgate({}).last_line(), ContainsSubstring("11 passed"));
  CHECK_THAT(bench.perfgate({"--baseline", "baselines/h200.toml"}).last_line(),
             ContainsSubstring("1 improved"));
  CHECK(bench.perfgate({"baseline", "lint"}).code == 0);
  // Refreshed without --board, the file stays the one that judges this board.
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.2";
  CHECK(bench.perfgate({"baseline", "refresh"}).code == 0);
  CHECK(read_file(bench.baseline()) == common);
  CHECK(first_us(read_baseline(read_file(own), "own"), o_proj) >
        1.15 * first_us(read_baseline(common, "common"), o_proj) / 1.1);
  // Another board of the model has no file of its own.
  bench.env["FAKE_NVML_GPUS"] = "NVIDIA H200|GPU-bbbb";
  CHECK_THAT(bench.perfgate({"doctor"}).out,
             ContainsSubstring("measured with another board (GPU-aaaa)"));
  CHECK(bench.perfgate({"baseline", "refresh", "--board", "--baseline", "x.toml"}).code == 2);
}
