// SPDX-License-Identifier: Apache-2.0
// Every format calls a verdict and its reason by the same words: those of gate/judge/verdict.h.
#include <algorithm>
#include <string>

#include "gate/exchange/exporter.h"
#include "gate/github/comment_text.h"
#include "gate/github/workflow_commands.h"
#include "gate/report/page_data.h"
#include "gate/report/render.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/sample_reports.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Every reason, none with a cause that would stand in its place.
Report without_causes() {
  Report report = every_reason();
  for (CaseReport& entry : report.cases) {
    entry.cause = Cause::none;
    entry.causes.clear();
    entry.explanation.clear();
  }
  return report;
}

/// Returns the lines of `text` that name the case.
std::string lines_of(std::string text, const CaseReport& entry) {
  std::string found;
  std::erase(text, '\\');  // Markdown puts one before each underscore
  for (const std::string& line : split(text, '\n'))
    if (line.find(entry.id) != std::string::npos) found += line + "\n";
  return found;
}

}  // namespace

TEST_CASE("every format names each verdict and its reason alike", "[vocabulary]") {
  const Report report = without_causes();
  const std::string text = render_text(report, {.columns = 200}),
                    markdown = render_markdown(report), comment = github_body(report, {}, 60000),
                    log = annotation_commands(report), junit = render_junit(report);
  const Json page = page_data(report);
  const Json& keys = page["keys"]["case"];
  const auto headline_at =
      static_cast<std::size_t>(std::find(keys.begin(), keys.end(), "headline") - keys.begin());
  const Json tests = parse_json(write_ctrf(report), "ctrf")["results"]["tests"];
  for (std::size_t i = 0; i < report.cases.size(); ++i) {
    const CaseReport& entry = report.cases[i];
    const std::string title(reason_info(entry.reason).title);
    const VerdictInfo& verdict = verdict_info(entry.verdict());
    INFO(entry.id);
    CHECK(page["cases"][i][headline_at] == title);
    CHECK(tests[i]["rawStatus"] == verdict.id);
    if (entry.verdict() == Verdict::pass) continue;
    CHECK_THAT(tests[i]["message"].get<std::string>(), StartsWith(title + ": "));
    CHECK_THAT(lines_of(text, entry),
               StartsWith(std::string(verdict.id)) && ContainsSubstring(title));
    for (const std::string& table : {markdown, comment})
      CHECK_THAT(lines_of(table, entry),
                 StartsWith("| " + std::string(verdict.mark) + " ") &&
                     ContainsSubstring(title + " |") &&
                     ContainsSubstring("**: " + std::string(verdict.id) + ": "));
    if (verdict.junit != JunitKind::passed)
      CHECK_THAT(junit,
                 ContainsSubstring("message=\"" + std::string(verdict.id) + ": " + title + ": "));
  }
  CHECK_THAT(log, ContainsSubstring("slower: because of 3 | 4"));
}
