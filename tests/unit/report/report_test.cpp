// SPDX-License-Identifier: Apache-2.0
#include "gate/report/report.h"

#include "gate/report/report_columns.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Report report_of(std::vector<Reason> reasons, ExitCode code) {
  Report report;
  report.gpu_id = "h100";
  report.wall_s = 8.44;
  report.exit_code = code;
  for (const Reason reason : reasons) {
    report.cases.emplace_back();
    report.cases.back().reason = reason;
  }
  return report;
}

}  // namespace

TEST_CASE("the verdict sentence, whole", "[report]") {
  std::vector<Reason> mixed(37, Reason::within_tolerance);
  mixed.insert(mixed.end(), {Reason::slower, Reason::slower, Reason::too_noisy});
  CHECK(verdict_sentence(report_of(mixed, ExitCode::regressed)) ==
        "perfgate: FAIL: 2 regressed, 37 passed, 1 inconclusive (h100, 8.4 s)");
}

TEST_CASE("the sentence counts each verdict and always says what passed", "[report]") {
  CHECK(verdict_sentence(report_of({Reason::within_tolerance}, ExitCode::pass)) ==
        "perfgate: PASS: 1 passed (h100, 8.4 s)");
  CHECK(verdict_sentence(report_of(
            {Reason::wrong_result, Reason::runner_failed, Reason::no_baseline, Reason::faster},
            ExitCode::no_verdict)) ==
        "perfgate: NO VERDICT: 0 passed, 1 invalid, 2 missing, 1 improved (h100, 8.4 s)");
}

TEST_CASE("a replay says so in the sentence and claims no time", "[report]") {
  Report report = report_of({Reason::within_tolerance}, ExitCode::pass);
  report.origin = Origin::replay;
  CHECK(verdict_sentence(report) == "perfgate: REPLAY: PASS: 1 passed (h100)");
  CHECK(std::string(origin_info(Origin::replay).banner).starts_with("REPLAY"));
  CHECK(origin_info(Origin::live).banner.empty());
}

TEST_CASE("cells print people's units, and a dash for what is absent", "[report]") {
  Report report = report_of({Reason::slower}, ExitCode::regressed);
  report.metrics = {simple_metric("hbm_throughput", Unit::ratio),
                    simple_metric("ipc", Unit::per_cycle)};
  CaseReport& one = report.cases[0];
  one.metrics["hbm_throughput"] = {0.5, 0.876};
  one.metrics["ipc"] = {0.5, std::nullopt};
  CHECK(metric_cell(report, one, metric_columns[0]) == "87.6");
  CHECK(metric_columns[3].metric == "ipc");
  CHECK(metric_cell(report, one, metric_columns[3]) == "-");  // only the baseline has it
  CHECK(metric_cell(report, one, metric_columns[4]) == "-");
  CHECK(time_cell(12.345678e-6) == "12.35");
  CHECK(time_cell(std::nullopt) == "-");
  CHECK(change_cell(one) == "-");
  one.change = Change{-0.0123, 0, 0, 0};
  CHECK(change_cell(one) == "-1.2");
}
