// SPDX-License-Identifier: Apache-2.0
#include "gate/github/comment_text.h"

#include <algorithm>

#include "gate/util/text.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/sample_reports.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const Links links{"https://github.com/o/r/actions/runs/7", "https://ci.example/report.html"};

std::size_t first(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  INFO(part);
  REQUIRE(at != std::string::npos);
  return at;
}

/// Returns a report in which everything that can come from outside is `text`.
Report foreign(const std::string& text) {
  Report report = many_cases(3, 1);
  report.origin = Origin::saved;
  report.gpu_id = report.gpu_name = report.conditions = report.against = text;
  report.notes = {text};
  for (CaseReport& one : report.cases) one.id = one.why = one.explanation = text;
  return report;
}

const std::string four_byte = "\xF0\x9F\x94\xA5";  // U+1F525

}  // namespace

TEST_CASE("the body begins with the verdict, then what did not pass, the worst first",
          "[comment_text]") {
  Report report = every_reason();
  // The cases are in the order of the reasons. more_work is worse than slower.
  report.cases[static_cast<std::size_t>(Reason::more_work)].change->effect = 0.07;
  const std::string body = github_body(report, links, comment_bytes);
  CHECK_THAT(body, StartsWith("### perfgate&#58; FAIL&#58; 2 regressed"));
  const std::size_t worst =
      first(body, "more\\_work | **+7.0&nbsp;%** | 10.50&nbsp;µs | more work |\n");
  const std::size_t slower = first(body, "/slower |");
  const std::size_t why =
      first(body,
            "- **llama-2-7b/b1/s1024/fp16/more\\_work**: regressed: "
            "instructions +5.0&nbsp;%&#58; explains the +5.0&nbsp;%; code changed  \n"
            "  measured: because of 3");
  const std::size_t noisy = first(body, "/too\\_noisy |");
  const std::size_t wrong = first(body, "/wrong\\_result |");
  const std::size_t all =
      first(body, "<details><summary>All 30 cases, with their counters</summary>");
  CHECK(std::is_sorted(&worst, &worst + 1));
  CHECK((worst < slower && slower < wrong && wrong < noisy && noisy < why && why < all));
  CHECK(first(body, "within\\_tolerance") > all);  // passed cases are in the fold alone
  CHECK_THAT(body, ContainsSubstring("run: NVIDIA H200, driver 570.86.15, CUDA 12.8  \n"
                                     "baseline: h200 of 2025-01-02T03&#58;04&#58;05Z") &&
                       ContainsSubstring("- driver&#58; 580 now"));
  CHECK_THAT(body, EndsWith("\n[full report](https://ci.example/report.html) · "
                            "[workflow run](https://github.com/o/r/actions/runs/7)\n"));
}

TEST_CASE("a replay says so", "[comment_text]") {
  Report report = many_cases(1, 0);
  report.origin = Origin::replay;
  CHECK_THAT(github_body(report, {}, comment_bytes), ContainsSubstring("> **REPLAY"));
  CHECK_THAT(short_sentence(report), StartsWith("REPLAY: PASS: 1 passed"));
}

TEST_CASE("the short sentence says that a work tree had changes", "[comment_text]") {
  Report report = many_cases(1, 0);
  report.commit = std::string(40, 'a');
  CHECK_THAT(short_sentence(report), !ContainsSubstring("uncommitted"));
  report.commit += "-dirty";
  CHECK_THAT(short_sentence(report), EndsWith(", with uncommitted changes"));
}

TEST_CASE("the chart shows the largest changes on an axis with zero on it", "[comment_text]") {
  Report report = many_cases(30, 2);
  report.cases[0].change->effect = -0.031;
  const std::string body = github_body(report, {}, comment_bytes);
  const std::string chart = body.substr(first(body, "```mermaid\n%%{init: "));
  CHECK_THAT(chart, ContainsSubstring("  y-axis \"%\" -4 --> 12\n") &&
                        ContainsSubstring("\"plotColorPalette\": \"#cf222e, #818b98\"") &&
                        ContainsSubstring("  bar [12.0, 12.0, 0.0, 0.0, ") &&
                        ContainsSubstring("  bar [0.0, 0.0, -3.1, 0.0, "));
  CHECK(std::count(chart.begin(), chart.begin() + static_cast<std::ptrdiff_t>(chart.find("bar")),
                   '"') == 4 * 2 + 2 + 2 * 10 + 2);
  for (CaseReport& one : report.cases) one.change.reset();
  CHECK_THAT(github_body(report, {}, comment_bytes), !ContainsSubstring("mermaid"));
}

TEST_CASE("one case is not called all, and its table says what its marks mean", "[comment_text]") {
  Report report = many_cases(1, 1);
  CHECK_THAT(github_body(report, {}, comment_bytes),
             ContainsSubstring("<summary>The case, with its counters</summary>") &&
                 !ContainsSubstring("a number with a ?"));
  report.cases[0].metrics["ipc"] = {0.5, 0.5, true};
  CHECK_THAT(github_body(report, {}, comment_bytes),
             ContainsSubstring("a number with a ? comes from several passes"));
}

TEST_CASE("44 cases with 5 regressed are 10,000 characters", "[comment_text]") {
  Report report = many_cases(44, 5);
  for (std::size_t i = 39; i < 44; ++i) {
    report.cases[i].change->effect = 0.1 * static_cast<double>(1U << (i - 39));
    report.cases[i].cause = Cause::coalescing;
    report.cases[i].explanation =
        "L1 sectors a request 16.0 to 32.0 (+100.0 %), HBM bytes +141.6 %: explains 82 % of the "
        "+212.6 %; code changed";
  }
  const std::string body = github_body(report, links, comment_bytes);
  CHECK(body.size() <= 10000);
  CHECK_THAT(body, ContainsSubstring("stage\\_00000"));  // every case is in it
  CHECK(std::count(body.begin(), body.end(), '\n') > 44);
  for (const std::string& line : split(body, '\n'))
    if (line.starts_with("| \u2717 ")) CHECK(line.size() < 140);  // a cell is a line of 870 px
}

TEST_CASE("20,000 cases, one regressed: every text fits, and it stands first", "[comment_text]") {
  const Report report = many_cases(20000, 1);
  for (const std::size_t bytes : {comment_bytes, check_text_bytes, step_summary_bytes}) {
    const std::string body = github_body(report, links, bytes);
    CHECK(body.size() <= bytes);
    CHECK(body.size() > bytes - 2000);  // nothing is dropped without need
    CHECK(first(body, "stage\\_19999 | **+12.0&nbsp;%** | 11.20&nbsp;µs | ") < 500);
    CHECK_THAT(body, ContainsSubstring("more cases; the text was too long for GitHub"));
    CHECK_THAT(body, ContainsSubstring("\n</details>\n") && EndsWith("actions/runs/7)\n"));
  }
  CHECK(github_table(report, check_text_bytes).size() <= check_text_bytes);
  const std::string brief = github_body(report, links, check_text_bytes, Extent::without_table);
  CHECK_THAT(brief, !ContainsSubstring("All 20000"));
}

TEST_CASE("10,000 regressed cases: as many as fit, and how many are left out", "[comment_text]") {
  Report report = many_cases(10000, 10000);
  double change = 0.1;
  for (CaseReport& one : report.cases) {
    one.change->effect = change;  // no two of them are alike
    one.part += "_" + one.group;
    change *= 1.4;
  }
  const std::string body = github_body(report, links, comment_bytes);
  CHECK(body.size() <= comment_bytes);
  CHECK_THAT(body, ContainsSubstring("more rows that did not pass") &&
                       ContainsSubstring("run: NVIDIA") && EndsWith("actions/runs/7)\n"));
  const auto rows = std::count(body.begin(), body.end(), '\n');
  CHECK(rows > 300);
}

TEST_CASE("no text is cut inside a character", "[comment_text]") {
  std::string fires;
  for (int i = 0; i < 1000; ++i) fires += four_byte;
  for (int shift = 0; shift < 4; ++shift) {
    Report report = foreign(std::string(static_cast<std::size_t>(shift), 'x') + fires);
    for (const std::size_t bytes : {comment_bytes, std::size_t{9000}, std::size_t{8000}}) {
      const std::string body = github_body(report, {}, bytes);
      CHECK(body.size() <= bytes);
      CHECK(valid_utf8(body) == body);
    }
  }
  for (std::size_t bytes = 0; bytes < 20; ++bytes) {
    const std::string text = clipped("ab" + four_byte + four_byte + four_byte + "c", bytes);
    CHECK(text.size() <= bytes);
    CHECK(valid_utf8(text) == text);
  }
  CHECK(clipped("ab" + four_byte, 6) == "ab" + four_byte);
  CHECK(clipped("ab" + four_byte + "c", 6) == "ab\u2026");
  CHECK(clipped_characters(four_byte + four_byte + "c", 3) == four_byte + four_byte + "c");
  CHECK(clipped_characters(four_byte + four_byte + "cd", 3) == four_byte + four_byte + "\u2026");
}

TEST_CASE("any budget from 2048 bytes on is kept", "[comment_text]") {
  Report report = every_reason();
  report.conditions = report.against = "short";
  for (std::size_t bytes = 2048; bytes < 12000; bytes += 97)
    CHECK(github_body(report, links, bytes).size() <= bytes);
}

TEST_CASE("text from outside is inert in the body", "[comment_text]") {
  for (const std::string& text :
       {std::string(evil_text), std::string("| `x` | **b** ~~s~~ _i_ $x$ <b>&amp;"),
        std::string("@team @org/team #123 GH-123 gh-7 octo/r#5 www.evil.example "
                    "https://evil.example mailto:a@b.c"),
        std::string("[x](javascript:alert(1)) ![i](https://evil.example/i.png) [a]: b"),
        std::string("\n\n::error::x\n# title\n- [ ] task\n```mermaid\n---\n"),
        std::string("\xE2\x80\xAE\xE2\x81\xA6"
                    "evil\xE2\x80\x8F\xD8\x9C\xEF\xBB\xBF\xF3\xA0\x81\x81")}) {
    const std::string body = github_body(foreign(text), {}, comment_bytes);
    INFO(body);
    CHECK_THAT(body, !ContainsSubstring("<img") && !ContainsSubstring("<b>") &&
                         !ContainsSubstring("`x`") && !ContainsSubstring("`c`") &&
                         !ContainsSubstring("](") && !ContainsSubstring("@team") &&
                         !ContainsSubstring("#123") && !ContainsSubstring("GH-") &&
                         !ContainsSubstring("gh-7") && !ContainsSubstring("www.") &&
                         !ContainsSubstring("://") && !ContainsSubstring("javascript:"));
    CHECK_THAT(body, !ContainsSubstring("\xE2\x80\xAE") && !ContainsSubstring("\xE2\x81\xA6") &&
                         !ContainsSubstring("\xE2\x80\x8F") && !ContainsSubstring("\xD8\x9C") &&
                         !ContainsSubstring("\xEF\xBB\xBF") && !ContainsSubstring("\xF3\xA0\x81"));
    // Every line is of our own kinds, with one fence and one chart; each row has its columns.
    std::size_t fences = 0;
    for (const std::string& line : split(body, '\n')) {
      fences += line.starts_with("```");
      CHECK_FALSE(line.starts_with("::"));
      CHECK_FALSE(line.starts_with("# "));
      if (!line.starts_with("| ")) continue;
      std::size_t bars = 0;
      for (std::size_t i = 0; i < line.size(); ++i)
        bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
      CHECK((bars == 5 || bars == 9));
    }
    CHECK(fences == 2);
    CHECK(std::count(body.begin(), body.end(), '<') == 8);
  }
}

TEST_CASE("labels of the chart are plain", "[comment_text]") {
  Report report = foreign("a\"] --> \n```\n{}%%");
  const std::string body = github_body(report, {}, comment_bytes);
  CHECK_THAT(body, ContainsSubstring("x-axis [\"a??"));
}

TEST_CASE("a link that is none is left out", "[comment_text]") {
  for (const char* bad : {"javascript:alert(1)", "https://x/) [y](z", "https://x y", "", "//x",
                          "https://x/\xC3\xA9", "https://x\n"}) {
    CHECK_FALSE(is_linkable(bad));
    CHECK_THAT(github_body(many_cases(1, 0), {"", bad}, comment_bytes), !ContainsSubstring("]("));
  }
  CHECK(is_linkable("https://x.example/a?b=c&d=%20#e"));
}
