// SPDX-License-Identifier: Apache-2.0
// `perfgate history`, and what a report says of one.
#include <fmt/format.h>

#include "gate/history/history.h"
#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Writes a history of `runs` runs of the bench's cases; o_proj is slower by `slower` from the
/// middle on.
void write_history(const Bench& bench, int runs, double slower) {
  const std::string saved = bench.save_run("seed.json");
  const HistoryRun seed = history_run(read_record(read_file(saved), "seed.json"), "", nullptr);
  std::string text;
  for (int i = 0; i < runs; ++i) {
    HistoryRun run = seed;
    run.created = fmt::format("2025-01-{:02}T00:00:00Z", i + 1);
    run.commit = std::string(40, static_cast<char>('a' + i % 6));
    for (HistoryCase& entry : run.cases) {
      entry.duration_s *= 1 + 0.0004 * (i % 3);
      if (entry.id.ends_with("/o_proj") && i >= runs / 2) entry.duration_s *= 1 + slower;
    }
    text += write_history_line(run);
  }
  write_file(bench.root() / "h.jsonl", text);
}

}  // namespace

TEST_CASE("history add appends one line a run, once", "[history_cli]") {
  const Bench bench;
  bench.save_run("run.json");
  const Outcome first = bench.perfgate({"history", "add", "run.json"});
  CHECK(first.code == 0);
  CHECK(first.last_line() ==
        "perfgate: run of aaaaaaaaaa with 11 cases added to history/h200.jsonl");
  CHECK(bench.perfgate({"history", "add", "run.json"}).last_line() ==
        "perfgate: history/h200.jsonl has this run already");
  // With other words on it, it is the same run; another one of the same commit is not.
  bench.make_baseline();
  CHECK(bench.perfgate({"compare", "run.json", "--json", "result.json"}).code == 0);
  CHECK(bench
            .perfgate({"history", "add", "run.json", "--parent", std::string(40, 'b'), "--result",
                       "result.json"})
            .last_line() == "perfgate: history/h200.jsonl has this run already");
  const std::string text = read_file(bench.root() / "history/h200.jsonl");
  CHECK(read_history(text, "h").size() == 1);
  RunRecord again = read_record(read_file(bench.root() / "run.json"), "run.json");
  again.created = "2030-01-02T03:04:05Z";
  write_file(bench.root() / "again.json", write_record(again, RawSamples::keep));
  CHECK_THAT(bench.perfgate({"history", "add", "again.json"}).last_line(),
             ContainsSubstring("added to"));
  write_file(bench.root() / "history/h200.jsonl", text.substr(0, text.size() / 2));
  const Outcome broken = bench.perfgate({"history", "add", "run.json"});
  CHECK(broken.code == 2);
  CHECK_THAT(broken.err, ContainsSubstring("its last line is cut off"));
}

TEST_CASE("history add takes the verdicts of a result", "[history_cli]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  CHECK(bench.perfgate({"compare", "slow.json", "--json", "result.json"}).code == 1);
  CHECK(bench.perfgate({"history", "add", "slow.json", "--result", "result.json"}).code == 0);
  const History history = read_history(read_file(bench.root() / "history/h200.jsonl"), "h");
  for (const HistoryCase& entry : history.front().cases)
    CHECK(entry.verdict == (entry.id.ends_with("/o_proj") ? "regressed" : ""));
}

TEST_CASE("history check is 1 for what crept and 0 for a quiet history", "[history_cli]") {
  const Bench bench;
  write_history(bench, 24, 0.02);
  const Outcome crept = bench.perfgate({"history", "check", "h.jsonl"});
  CHECK(crept.code == 1);
  CHECK(crept.last_line() == "perfgate: FAIL: 1 of 11 cases crept over 24 runs");
  CHECK_THAT(crept.flat(), ContainsSubstring("/o_proj: slower by +2.0 % on average since"));
  CHECK(bench.perfgate({"history", "check", "h.jsonl", "--only", "*/silu_mul"}).code == 0);
  write_history(bench, 24, 0);
  CHECK(bench.perfgate({"history", "check", "h.jsonl"}).code == 0);
  write_file(bench.root() / "empty.jsonl", "");
  CHECK(bench.perfgate({"history", "check", "empty.jsonl"}).code == 3);
}

TEST_CASE("history show and page have every case", "[history_cli]") {
  const Bench bench;
  write_history(bench, 24, 0.02);
  const Outcome shown = bench.perfgate({"history", "show", "h.jsonl"});
  CHECK(shown.code == 0);
  CHECK_THAT(shown.out, ContainsSubstring("▁") && ContainsSubstring("+2.0 %"));
  CHECK(bench
            .perfgate({"history", "page", "h.jsonl", "-o", "p.html", "--repository",
                       "https://github.com/a/b/"})
            .code == 0);
  CHECK_THAT(read_file(bench.root() / "p.html"),
             ContainsSubstring("\"repository\":\"https://github.com/a/b\""));
  CHECK(
      bench.perfgate({"history", "page", "h.jsonl", "-o", "p.html", "--repository", "javascript:1"})
          .code == 2);
  CHECK(bench.perfgate({"history", "show", "h.jsonl", "--only", "nothing"}).code == 2);
}

TEST_CASE("a report says what crept, and does not fail for it", "[history_cli]") {
  const Bench bench;
  bench.make_baseline();
  write_history(bench, 24, -0.02);  // the run itself is slower again
  bench.save_run("run.json");
  const Outcome quiet = bench.perfgate({"compare", "run.json", "--history", "h.jsonl"});
  CHECK(quiet.code == 0);
  CHECK(quiet.out.find("crept") == std::string::npos);
  write_history(bench, 24, 0.02);
  const Outcome crept =
      bench.perfgate({"compare", "run.json", "--history", "h.jsonl", "--markdown", "m.md"});
  CHECK(crept.code == 0);
  CHECK_THAT(crept.flat(),
             ContainsSubstring("note: crept: llama-2-7b/b1/s1024/fp16/o_proj: slower"));
  CHECK_THAT(read_file(bench.root() / "m.md"), ContainsSubstring("crept"));
  CHECK(bench.perfgate({"compare", "run.json", "--history", "none.jsonl"}).code == 2);
}

TEST_CASE("a run of the history is judged by the runs before it alone", "[history_cli]") {
  const Bench bench;
  bench.make_baseline();
  write_history(bench, 24, 0.02);
  // The first run that was slower is compared once more, long after.
  const History history = read_history(read_file(bench.root() / "h.jsonl"), "h");
  RunRecord run = read_record(read_file(bench.save_run("run.json")), "run.json");
  const auto notes = [&](std::size_t index) {
    run.created = history[index].created;
    run.commit = history[index].commit;
    write_file(bench.root() / "run.json", write_record(run, RawSamples::keep));
    return bench.perfgate({"compare", "run.json", "--history", "h.jsonl"}).out;
  };
  CHECK_THAT(notes(23), ContainsSubstring("crept"));
  CHECK(notes(8).find("crept") == std::string::npos);
}

TEST_CASE("history import takes what github-action-benchmark kept", "[history_cli]") {
  const Bench bench;
  write_file(bench.root() / "data.js",
             R"(window.BENCHMARK_DATA = {"entries": {"GPU": [{"commit": {"id": "aa"},
                "date": 1735787045123, "benches": [{"name": "copy", "unit": "us", "value": 12.5}]}]}})");
  const Outcome outcome = bench.perfgate({"history", "import", "data.js", "--gpu", "h200"});
  CHECK(outcome.code == 0);
  CHECK(outcome.last_line() == "perfgate: 1 run imported to history/h200.jsonl");
  CHECK_THAT(read_file(bench.root() / "history/h200.jsonl"),
             ContainsSubstring("\"created\":\"2025-01-02T03:04:05Z\""));
  CHECK(bench.perfgate({"history", "import", "data.js", "--gpu", "h200"}).code == 2);
}

TEST_CASE("export writes a history where the format has a place for it", "[history_cli]") {
  const Bench bench;
  write_history(bench, 24, 0.02);
  const History history = read_history(read_file(bench.root() / "h.jsonl"), "h");
  const auto exported = [&](const char* format) {
    const Outcome outcome = bench.perfgate({"export", "h.jsonl", "--to", format, "-o", "out"});
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    return read_file(bench.root() / "out");
  };
  const HistoryCase& newest = history.back().cases.front();
  const Json bmf = parse_json(exported("bmf"), "bmf");
  CHECK(bmf.size() == history.back().cases.size());
  CHECK(bmf[newest.id]["latency"]["value"].get<double>() == Approx(newest.duration_s * 1e9));

  // Every run comes back from the page's own file, in the same order with the same numbers.
  write_file(bench.root() / "data.js", exported("gab"));
  REQUIRE(
      bench.perfgate({"history", "import", "data.js", "--gpu", "h200", "--file", "b.jsonl"}).code ==
      0);
  const History back = read_history(read_file(bench.root() / "b.jsonl"), "b");
  REQUIRE(back.size() == history.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    CHECK(back[i].commit == history[i].commit);
    CHECK(back[i].created == history[i].created);
    CHECK(back[i].cases.back().duration_s == Approx(history[i].cases.back().duration_s));
  }

  const std::string metrics = exported("openmetrics");
  CHECK(metrics.ends_with("\n# EOF\n"));
  // The second of January 2025, by any clock.
  CHECK_THAT(metrics, ContainsSubstring("side=\"head\"}") && ContainsSubstring(" 1735776000\n"));

  const Outcome ctrf = bench.perfgate({"export", "h.jsonl", "--to", "ctrf"});
  CHECK(ctrf.code == 2);
  CHECK_THAT(ctrf.err, ContainsSubstring("--to ctrf: it holds the verdicts of one run"));
  CHECK(bench.perfgate({"export", "h.jsonl", "h.jsonl", "--to", "bmf"}).code == 2);
  write_file(bench.root() / "empty.jsonl", "");
  CHECK(bench.perfgate({"export", "empty.jsonl", "--to", "bmf"}).code == 3);
}

TEST_CASE("export writes a result in every format", "[history_cli]") {
  const Bench bench;
  bench.make_baseline();
  bench.save_run("run.json");
  CHECK(bench.perfgate({"compare", "run.json", "--json", "result.json"}).code == 0);
  for (const char* format : {"bmf", "gab", "ctrf"}) {
    const Outcome outcome =
        bench.perfgate({"export", "result.json", "--to", format, "-o", "out.json"});
    CHECK(outcome.code == 0);
    CHECK_FALSE(parse_json(read_file(bench.root() / "out.json"), format).empty());
  }
  CHECK(bench.perfgate({"export", "result.json", "--to", "openmetrics", "-o", "p.prom"}).code == 0);
  CHECK(read_file(bench.root() / "p.prom").ends_with("\n# EOF\n"));
  CHECK_THAT(bench.perfgate({"export", "result.json", "--to", "bmff"}).err,
             ContainsSubstring("--to: unknown 'bmff' (did you mean 'bmf'?)"));
}
