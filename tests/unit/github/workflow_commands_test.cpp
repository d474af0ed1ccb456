// SPDX-License-Identifier: Apache-2.0
#include "gate/github/workflow_commands.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/sample_reports.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

std::size_t commands(const std::string& text, const std::string& kind) {
  const auto lines = split(text, '\n');
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
    return line.starts_with("::" + kind + " ");
  }));
}

}  // namespace

TEST_CASE("a regression is an error, no verdict a warning, the rest says nothing",
          "[workflow_commands]") {
  const std::string text = annotation_commands(every_reason());
  CHECK(commands(text, "error") == 2);  // slower, more_work
  // 4 inconclusive, 10 invalid, 5 missing, 1 accepted: ten of a kind are kept.
  CHECK(commands(text, "warning") == 10);
  CHECK_THAT(text, ContainsSubstring("::warning title=perfgate::and 11 more"));
  CHECK(annotation_commands(many_cases(5, 0)).empty());
  // An unescaped colon in the title would end it.
  CHECK_THAT(text, ContainsSubstring("::error title=perfgate%3A regressed::llama-2-7b/b1"));
}

TEST_CASE("GitHub keeps ten of a kind", "[workflow_commands]") {
  CHECK(commands(annotation_commands(many_cases(10, 10)), "error") == 10);
  const std::string text = annotation_commands(many_cases(40, 40));
  CHECK(commands(text, "error") == 10);
  CHECK_THAT(text, ContainsSubstring("and 31 more"));
}

TEST_CASE("text from outside makes no command of its own", "[workflow_commands]") {
  Report report = every_reason();
  report.cases.resize(5);
  CaseReport& one = report.cases[4];
  one.reason = Reason::slower;
  one.id = "a%0A::error::x\n::set-output name=a::b\r##[error]y";
  one.why = std::string(9000, '%');
  const std::string text = annotation_commands(report);
  CHECK(split(text, '\n').size() == 1);
  CHECK_THAT(text,
             ContainsSubstring("::a%250A::error::x ::set-output") && !ContainsSubstring("##["));
  CHECK(text.size() < 4096);
}

TEST_CASE("a fence is two lines with the same token", "[workflow_commands]") {
  CHECK(fenced("::error::x\n", "t0k") == "::stop-commands::t0k\n::error::x\n::t0k::\n");
  CHECK(fenced("x", "t0k") == "::stop-commands::t0k\nx\n::t0k::\n");
}

TEST_CASE("outputs are one line each, whatever the values are", "[workflow_commands]") {
  Report report = every_reason();
  report.gpu_id = "h200\nverdict=PASS";
  const std::string text = step_outputs(report, {{"json", "r.json"}});
  CHECK_THAT(text, StartsWith("verdict=FAIL\nexit_code=1\nsentence=perfgate: FAIL: 2 regressed"));
  CHECK_THAT(text, ContainsSubstring("\ngpu=h200 verdict=PASS\n"));
  CHECK_THAT(text, ContainsSubstring(
                       "\npassed=5\nimproved=1\nregressed=2\naccepted=1\nnew=2\ninconclusive=4\n"
                       "invalid=10\nmissing=5\njson=r.json\n"));
}

TEST_CASE("an annotation stands at the kernel's line, where it is known", "[workflow_commands]") {
  Report report = many_cases(2, 1);
  report.cases[1].place = SourcePlace{"src/a,b.cu", 131};
  CHECK_THAT(annotation_commands(report),
             StartsWith("::error file=src/a%2Cb.cu,line=131,title=perfgate%3A regressed::"));
}
