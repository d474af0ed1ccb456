// SPDX-License-Identifier: Apache-2.0
// Compares the whole outputs of the printers. UPDATE_GOLDEN=1 rewrites tests/golden/; read the diff
// before you keep it.
#include "gate/report/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/sample_reports.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Report evil_report() {
  Report report = every_reason();
  report.cases.resize(1);
  CaseReport& one = report.cases[0];
  one.id = one.why = report.notes[0] = report.conditions = report.against = report.gpu_id =
      report.gpu_name = evil_text + std::string(" \xE2\x80\xAE\xC2\x9B");
  one.reason = Reason::not_measured;
  one.kernels = {evil_text};
  report.exit_code = ExitCode::no_verdict;
  return report;
}

std::size_t lines_starting(const std::string& text, const std::string& with) {
  std::size_t count = 0;
  for (const std::string& line : split(text, '\n')) count += line.starts_with(with);
  return count;
}

}  // namespace

TEST_CASE("golden outputs", "[render]") {
  const Report live = every_reason();
  CHECK(golden_difference("report.txt", render_text(live, {})) == "");
  CHECK(golden_difference("report_quiet.txt", render_text(live, {.detail = Detail::quiet})) == "");
  CHECK(golden_difference("report_all.txt", render_text(live, {.detail = Detail::all})) == "");
  CHECK(golden_difference("report_color.txt", render_text(live, {.color = Color::yes})) == "");
  CHECK(golden_difference("report.md", render_markdown(live)) == "");
  CHECK(golden_difference("report.json", render_json(live)) == "");
}

TEST_CASE("a replay says REPLAY in every format", "[render]") {
  Report report = every_reason();
  report.origin = Origin::replay;
  CHECK_THAT(render_text(report, {}), StartsWith("REPLAY"));
  CHECK_THAT(render_text(report, {.detail = Detail::quiet}), StartsWith("REPLAY"));
  CHECK_THAT(render_markdown(report), ContainsSubstring("> **REPLAY of a recorded run"));
  const Json json = parse_json(render_json(report), "result");
  CHECK(json["source"] == "replay");
  CHECK_THAT(json["sentence"].get<std::string>(), ContainsSubstring("REPLAY"));
}

TEST_CASE("the last line is the verdict sentence", "[render]") {
  for (const Detail detail : {Detail::quiet, Detail::folded, Detail::all}) {
    const std::string text = render_text(every_reason(), {.detail = detail});
    CHECK_THAT(text, EndsWith(fmt::format("\n{}\n", verdict_sentence(every_reason()))));
  }
}

TEST_CASE("no line is wider than the terminal, whatever stands in it", "[render]") {
  Report report = every_reason();
  report.cases[6].id = "a/" + std::string(300, 'x') + "/o_proj";
  report.cases[6].explanation = std::string(500, 'y');
  report.notes.push_back(std::string(150, 'z'));
  for (const Report& shown : {report, evil_report(), many_cases(44, 5), many_cases(3000, 2000)})
    for (const std::size_t columns : {60UL, 80UL, 100UL, 200UL})
      for (const Detail detail : {Detail::quiet, Detail::folded, Detail::all}) {
        std::vector<std::string> lines =
            split(render_text(shown, {.detail = detail, .columns = columns}), '\n');
        REQUIRE_THAT(lines.back(), StartsWith("perfgate: "));
        lines.pop_back();  // programs read the sentence, so it is never broken
        for (const std::string& line : lines) {
          INFO(line);
          CHECK(columns_of(line) <= columns);
        }
      }
  CHECK(verdict_sentence(every_reason()).size() <= 100);
}

TEST_CASE("cases that moved alike are one row", "[render]") {
  Report report = many_cases(44, 5);
  const auto rows = [&] {
    std::size_t count = 0;
    for (const std::string& line : split(render_text(report, {}), '\n'))
      count += line.starts_with("regressed ");
    return count;
  };
  CHECK(rows() == 1);  // five stages of one group, all +12 %
  CHECK_THAT(render_text(report, {}), ContainsSubstring("llama-2-7b/b1/s1024/fp16, 5 cases") &&
                                          ContainsSubstring("in stage_00039, stage_00040, "));
  report.cases[43].change = Change{0.3, 0.29, 0.31, 0.01};
  CHECK(rows() == 2);
  report.cases[42].change = Change{0.5, 0.49, 0.51, 0.01};
  CHECK(rows() == 5);  // three that are alike are no crowd
  for (std::size_t i = 39; i < 44; ++i) {
    report.cases[i].change = Change{0.12, 0.11, 0.13, 0.01};
    report.cases[i].part = "o_proj";
    report.cases[i].group = fmt::format("llama/b{}", i);
    report.cases[i].id = report.cases[i].group + "/o_proj";
  }
  CHECK_THAT(render_text(report, {}), ContainsSubstring("regressed    o_proj, 5 cases +12.0 %"));
}

TEST_CASE("a run in which nothing counts has one row", "[render]") {
  Report report = many_cases(44, 0);
  for (std::size_t i = 0; i < report.cases.size(); ++i) {
    CaseReport& entry = report.cases[i];
    entry.group = fmt::format("llama/b{}", i % 4);
    entry.id = case_id(entry.group, entry.part);
    entry.reason = Reason::gpu_busy;
    entry.why = "1 process on the GPU beside the runner: 4242 (python3)";
    entry.change.reset();
  }
  report.exit_code = ExitCode::no_verdict;
  CHECK_THAT(render_text(report, {.detail = Detail::quiet}),
             ContainsSubstring("invalid      44 cases                GPU was busy\n") &&
                 ContainsSubstring("\n             in llama/b0, llama/b1, llama/b2, llama/b3\n"));
  // What says something else stays a row of its own.
  report.cases[7].why = "1 process on the GPU beside the runner: 17 (train)";
  CHECK_THAT(render_text(report, {}), ContainsSubstring("43 cases") &&
                                          ContainsSubstring("\ninvalid      llama/b3/stage_00007"));
}

TEST_CASE("that a cause is unknown is told of what is proved, else the reason", "[render]") {
  CaseReport entry = every_reason().cases[0];
  entry.cause = Cause::unknown;
  for (const ReasonInfo& info : reasons) {
    INFO(info.id);
    entry.reason = info.reason;
    const bool proved = info.reason == Reason::slower || info.reason == Reason::faster;
    CHECK(names_cause(entry) == proved);
    CHECK(headline(entry) == (proved ? "unknown" : info.title));
  }
}

TEST_CASE("quiet shows every row but those that passed", "[render]") {
  const std::string text = render_text(every_reason(), {.detail = Detail::quiet});
  for (const ReasonInfo& info : reasons) {
    INFO(info.id);
    const bool shown = text.find(case_of(info.id)) != std::string::npos;
    CHECK(shown == (info.verdict != Verdict::pass && info.verdict != Verdict::measured));
  }
}

TEST_CASE("colour changes nothing but colour", "[render]") {
  std::string painted = render_text(every_reason(), {.color = Color::yes});
  CHECK_THAT(painted, ContainsSubstring("\x1b["));
  for (std::size_t at; (at = painted.find('\x1b')) != std::string::npos;)
    painted.erase(at, painted.find('m', at) - at + 1);
  CHECK(painted == render_text(every_reason(), {}));
}

TEST_CASE("text from outside can't steer the terminal or forge a verdict line", "[render]") {
  const std::string text = render_text(evil_report(), {});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("\xC2\x9B") == std::string::npos);
  CHECK(text.find("\xE2\x80\xAE") == std::string::npos);
  CHECK(lines_starting(text, "perfgate: ") == 1);
  CHECK(lines_starting(text, "perfgate: PASS") == 0);
}

TEST_CASE("text from outside is inert in Markdown", "[render]") {
  const std::string text = render_markdown(evil_report());
  // The evil text has one pipe; escaped, it makes no column: every row has as many as the header.
  for (const std::string& line : split(text, '\n')) {
    if (!line.starts_with("|")) continue;
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
      bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    CHECK((bars == 5 || bars == 9));
  }
  CHECK(text.find("<img") == std::string::npos);
  CHECK(text.find("`c`") == std::string::npos);
  CHECK(text.find("](javascript:") == std::string::npos);
  CHECK(text.find("javascript:") == std::string::npos);
  CHECK(text.find("@team") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\xC2\x9B") == std::string::npos);
  CHECK(lines_starting(text, "perfgate") == 0);
  // Only our own two tags are there, each opened and closed.
  CHECK(std::count(text.begin(), text.end(), '<') == 4);
}

TEST_CASE("GitHub finds no mention, issue or address in text from outside", "[render]") {
  // GitHub looks for these after Markdown was rendered: neither a backslash nor an entity hides
  // them (github/cmark-gfm#181, openjdk/skara#1548). So the test checks the decoded text.
  Report report = every_reason();
  report.notes = {"ask @team about #12345, see www.evil.example, WwW.evil.example"};
  std::string seen = render_markdown(report);
  for (const auto& [code, letter] : {std::pair{"&#64;", "@"}, std::pair{"&#35;", "#"}})
    for (std::size_t at; (at = seen.find(code)) != std::string::npos;) seen.replace(at, 5, letter);
  std::erase(seen, '\\');
  CHECK_THAT(seen, !ContainsSubstring("@team") && ContainsSubstring("team about"));
  CHECK_THAT(seen, !ContainsSubstring("#12345") && ContainsSubstring("12345, see"));
  CHECK_THAT(seen, !ContainsSubstring("www.evil") && !ContainsSubstring("WwW.evil"));
}

TEST_CASE("marks that turn the direction of text do not reach Markdown", "[render]") {
  CHECK(render_markdown(evil_report()).find("\xE2\x80\xAE") == std::string::npos);
}

TEST_CASE("JSON is valid, whatever stands in it, and in SI units", "[render]") {
  CHECK(parse_json(render_json(evil_report()), "result")["cases"][0]["kernels"][0] == evil_text);
  const Json json = parse_json(render_json(every_reason()), "result");
  CHECK(json["schema"] == 2);
  CHECK(json["kind"] == "result");
  CHECK(json["exit_code"] == 1);
  constexpr std::size_t judged = reasons.size() - 1;  // a result has no `profiled`
  CHECK(json["cases"].size() == judged);
  CHECK(json["cases"][0]["head_s"] == 10.5e-6);
  CHECK(json["cases"][0]["metrics"]["hbm_throughput"]["head"] == 0.875);
  CHECK_FALSE(json["cases"][0]["metrics"]["hbm_throughput"].contains("base"));
  std::size_t counted = 0;
  for (const auto& [verdict, count] : json["counts"].items()) counted += count.get<std::size_t>();
  CHECK(counted == judged);
}

TEST_CASE("the counters of a layer are told apart from its duration", "[render]") {
  Report report = many_cases(2, 0);
  const TextStyle all{Detail::all, Color::no};
  CHECK_THAT(render_text(report, all), !ContainsSubstring("one after the other"));
  report.cases[1].part = "layer";
  report.cases[1].whole_of = {report.cases[0].id};
  report.cases[1].metrics["hbm_throughput"] = {0.7, 0.727};
  CHECK_THAT(render_text(report, all),
             ContainsSubstring("layer: its counters are of its kernels one after the other"));
  CHECK_THAT(render_markdown(report), ContainsSubstring("one after the other"));
}
