// SPDX-License-Identifier: Apache-2.0
// The lines of a history, its table, and what github-action-benchmark kept.
#include "gate/history/history_import.h"
#include "gate/history/history_page.h"
#include "gate/history/history_table.h"
#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

HistoryRun measured() {
  RunRecord run = run_of(small_plan({"o_proj", "silu_mul"}), {around(50), around(20)});
  run.commit = "0123456789abcdef0123456789abcdef01234567";
  run.created = "2025-01-02T03:04:05Z";
  return history_run(run, "fedcba98", nullptr);
}

std::string utc(std::int64_t seconds) {
  return std::to_string(seconds) + " s";
}

constexpr const char* data_js = R"(window.BENCHMARK_DATA = {
  "lastUpdate": 1, "repoUrl": "https://github.com/a/b",
  "entries": {"GPU": [
    {"commit": {"id": "aa", "timestamp": "2025-01-02T03:04:05+09:00"}, "date": 1735787045123,
     "tool": "customSmallerIsBetter",
     "benches": [{"name": "copy", "unit": "us", "value": 12.5, "range": "± 0.1"},
                 {"name": "rate", "unit": "GB/s", "value": 1200}]},
    {"commit": {"id": "bb"}, "date": 1735787046000,
     "benches": [{"name": "copy", "unit": "ns/iter", "value": 12000}]}]}})";

}  // namespace

TEST_CASE("a run becomes one line, and the line that run again", "[history]") {
  const HistoryRun run = measured();
  REQUIRE(run.cases.size() == 2);
  CHECK(run.cases[0].id == case_of("o_proj"));
  CHECK_THAT(run.cases[0].duration_s, WithinRel(50e-6, 1e-3));
  CHECK(run.cases[0].processes == 5);
  CHECK_THAT(*run.cases[0].scatter, WithinAbs(0.001, 0.001));
  const std::string line = write_history_line(run);
  CHECK(line.find('\n') == line.size() - 1);
  const History read = read_history(line + "\n" + line, "h.jsonl");
  REQUIRE(read.size() == 2);
  CHECK(read[0] == run);
}

TEST_CASE("a history is read strictly, by line", "[history]") {
  const std::string line = write_history_line(measured());
  const auto refused = [&](const std::string& text) {
    return error_of<UsageError>([&] { read_history(text, "h.jsonl"); });
  };
  CHECK_THAT(refused(line + line.substr(0, 40)), StartsWith("h.jsonl:2: not valid JSON"));
  CHECK_THAT(refused(replaced(line, "\"schema\":1", "\"schema\":2")),
             StartsWith("h.jsonl:1:") && ContainsSubstring("schema"));
  CHECK_THAT(refused(replaced(line, "\"created\"", "\"craeted\"")), ContainsSubstring("created"));
  CHECK_THAT(refused(line + replaced(line, "\"gpu_id\":\"", "\"gpu_id\":\"x")),
             ContainsSubstring("h.jsonl:2: a run of x"));
  CHECK_THAT(refused(replaced(line, "silu_mul", "o_proj")), ContainsSubstring("stands twice"));
}

TEST_CASE("an invalid run adds nothing", "[history]") {
  const RunRecord empty = run_of(small_plan({"o_proj"}), {{-1, -1}});
  CHECK_THAT(error_of<NoVerdict>([&] { history_run(empty, "", nullptr); }),
             ContainsSubstring("no case of this run was measured"));
}

TEST_CASE("sparklines stand between the lowest and the highest value", "[history]") {
  CHECK(sparkline(std::vector<double>{1, 2, 8}, 8) == "▁▂█");
  CHECK(sparkline(std::vector<double>{9, 1, 2, 8}, 3) == "▁▂█");
  CHECK(sparkline(std::vector<double>{5, 5}, 8) == "▄▄");
  CHECK(sparkline(std::vector<double>{}, 8).empty());
}

TEST_CASE("the table has the newest duration, the change and the line", "[history]") {
  History history{measured(), measured()};
  history[1].cases[0].duration_s = history[0].cases[0].duration_s * 1.1;
  const auto series = series_of(history);
  const std::string table = history_table(history, series, trends(series), 100);
  CHECK_THAT(table, ContainsSubstring("+10.0 % ▁█\n") && ContainsSubstring("0.0 % ▄▄\n"));
  // A narrow terminal has the newest twelve runs, and a group above the names of its cases.
  while (history.size() < 13) history.push_back(history.back());
  const auto longer = series_of(history);
  const std::string narrow = history_table(history, longer, trends(longer), 60);
  CHECK_THAT(narrow, ContainsSubstring("\nllama-2-7b/b1/s1024/fp16\no_proj ") &&
                         ContainsSubstring("+10.0 % ▄▄▄▄▄▄▄▄▄▄▄▄\n"));
}

TEST_CASE("the page carries its data as text that cannot leave the script", "[history]") {
  History history{measured()};
  history[0].cases[0].id = "evil</script><img src=x>";
  history[0].cases[1].verdict = "regressed";
  const auto series = series_of(history);
  const std::string page =
      history_page(history, series, trends(series), "https://github.com/a/b", "1.2.3");
  CHECK(page.find("evil</script>") == std::string::npos);
  CHECK_THAT(page, ContainsSubstring("evil\\u003c/script>") &&
                       ContainsSubstring("[0,\"regressed\"]") &&
                       ContainsSubstring("\"repository\":\"https://github.com/a/b\"") &&
                       ContainsSubstring("default-src 'none'; script-src 'sha256-"));
  CHECK(page.find("{{") == std::string::npos);
}

TEST_CASE("github-action-benchmark's history: durations in any unit, the rest left out",
          "[history]") {
  const ImportedHistory imported = read_data_js(data_js, "data.js", "", "h100", utc);
  REQUIRE(imported.history.size() == 2);
  CHECK(imported.history[0].commit == "aa");
  CHECK(imported.history[0].created == "1735787045 s");
  CHECK_THAT(imported.history[0].cases.front().duration_s, WithinRel(12.5e-6, 1e-12));
  CHECK_THAT(imported.history[1].cases.front().duration_s, WithinRel(12e-6, 1e-12));
  CHECK(imported.notes == std::vector<std::string>{"rate: left out: 1200 'GB/s' is no duration"});
  const auto refused = [](const std::string& text, const std::string& suite) {
    return error_of<UsageError>([&] { read_data_js(text, "data.js", suite, "h100", utc); });
  };
  CHECK_THAT(refused("{}", ""), ContainsSubstring("not the data.js of github-action-benchmark"));
  CHECK_THAT(refused(data_js, "GPo"), ContainsSubstring("did you mean 'GPU'?"));
  CHECK_THAT(refused(replaced(data_js, "\"GPU\": [", "\"CPU\": [], \"GPU\": ["), ""),
             ContainsSubstring("choose one with --entry: CPU, GPU"));
}
