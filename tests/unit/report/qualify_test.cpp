// SPDX-License-Identifier: Apache-2.0
#include "gate/report/qualify.h"

#include "gate/util/text_wrap.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using namespace perfgate;

namespace {

CaseReport case_with(const std::string& id, Reason reason, double detectable = 0.005) {
  CaseReport one;
  one.group = "llama-2-7b/b1/s1024/fp16";
  one.part = id;
  one.id = case_id(one.group, id);
  if (id == "layer") one.whole_of = {case_id(one.group, "qkv_proj"), case_id(one.group, "o_proj")};
  one.reason = reason;
  one.threshold = 0.01;
  one.change = {0.02, 0.015, 0.025, detectable};
  return one;
}

const Planted two_percent{{"o_proj"}, 0.02};
const Planted nothing{};

}  // namespace

TEST_CASE("an A/A counts what is called slower", "[qualify]") {
  CHECK(finding_of(case_with("o_proj", Reason::not_confirmed), nothing) == Finding::quiet);
  CHECK(finding_of(case_with("o_proj", Reason::too_noisy), nothing) == Finding::quiet);
  CHECK(finding_of(case_with("o_proj", Reason::slower), nothing) == Finding::alarm);
  CHECK(finding_of(case_with("layer", Reason::slower), nothing) == Finding::alarm);
}

TEST_CASE("what was planted is to be found, where it is large enough", "[qualify]") {
  CHECK(finding_of(case_with("o_proj", Reason::slower), two_percent) == Finding::found);
  CHECK(finding_of(case_with("o_proj", Reason::not_confirmed), two_percent) == Finding::missed);
  // A run that detects changes from 3 % on need not find 2 %.
  CHECK(finding_of(case_with("o_proj", Reason::too_noisy, 0.03), two_percent) ==
        Finding::too_small);
  CaseReport short_kernel = case_with("o_proj", Reason::not_confirmed);
  short_kernel.threshold = 0.05;  // 0.1 us of a 2 us kernel
  CHECK(finding_of(short_kernel, two_percent) == Finding::too_small);
  CHECK(finding_of(case_with("qkv_proj", Reason::slower), two_percent) == Finding::alarm);
  CHECK(finding_of(case_with("layer", Reason::slower), two_percent) == Finding::touched);
  // A whole without a planted part is untouched, whatever its verdict.
  CHECK(finding_of(case_with("layer", Reason::slower), {{"silu_mul"}, 0.02}) == Finding::alarm);
  CaseReport dead = case_with("o_proj", Reason::runner_failed);
  dead.change.reset();
  CHECK(finding_of(dead, two_percent) == Finding::no_verdict);
}

TEST_CASE("one alarm, one miss or one silent case disqualifies", "[qualify]") {
  const auto with = [](std::vector<CaseReport> cases) {
    Report report;
    report.gpu_id = "h100";
    report.wall_s = 12;
    report.cases = std::move(cases);
    return report;
  };
  const Report good =
      with({case_with("o_proj", Reason::slower), case_with("silu_mul", Reason::not_confirmed)});
  CHECK(qualified(good, two_percent));
  CHECK_FALSE(qualified(good, nothing));
  CHECK_FALSE(qualified(with({}), nothing));
  CHECK_FALSE(qualified(with({case_with("o_proj", Reason::not_confirmed)}), two_percent));
  CHECK_FALSE(qualified(with({case_with("o_proj", Reason::not_measured)}), nothing));
  CHECK_THAT(render_qualification(good, two_percent, 100),
             EndsWith("planted: 2.0 %, 0 cases too small to ask for\n"
                      "detectable effect: median 0.50 %, worst 0.50 %\n"
                      "perfgate: QUALIFIED: 0 false alarms in 2 cases, 1 of 1 planted slowdowns "
                      "found (h100, 12.0 s)\n"));
  Report still = good;
  still.cases[0].change->effect = -1e-5;
  CHECK_THAT(render_qualification(still, nothing, 100), !ContainsSubstring("-0.00"));
  // On 80 columns a group is a line above its cases, and a row is a line.
  Report wide = good;
  for (CaseReport& entry : wide.cases) {
    entry.group = "llama-3.1-70b-tp8/b16/s1024/fp16";
    entry.id = case_id(entry.group, entry.part);
  }
  const std::string narrow = render_qualification(wide, two_percent, 80);
  CHECK_THAT(narrow, ContainsSubstring("\n" + wide.cases[0].group + "\no_proj ") &&
                         ContainsSubstring(" found\nsilu_mul "));
  for (const std::string& line : split(narrow, '\n'))
    CHECK((columns_of(line) <= 80 || line.starts_with("perfgate: ")));
  CHECK_THAT(render_qualification(good, nothing, 100),
             ContainsSubstring("FALSE ALARM") && ContainsSubstring("NOT QUALIFIED: 1 false"));
}
