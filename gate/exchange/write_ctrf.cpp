// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include "gate/exchange/exporter.h"
#include "gate/util/json_object.h"

namespace perfgate {

namespace {

enum class Status { passed, failed, skipped, pending, other };
constexpr std::array<const char*, 5> statuses{"passed", "failed", "skipped", "pending", "other"};

/// As in JUnit: a case that could not be judged is no failure of the code, and no pass.
Status status_of(const Report& report, const CaseReport& entry) {
  switch (verdict_info(entry.verdict()).junit) {
    case JunitKind::passed:
      return Status::passed;
    case JunitKind::failure:
      return Status::failed;
    case JunitKind::error:
      return Status::other;
    case JunitKind::undecided:
      return report.exit_code == ExitCode::pass ? Status::skipped : Status::other;
  }
  return Status::other;
}

Json test_of(const Report& report, const CaseReport& entry) {
  Json test{{"name", entry.id},
            {"status", statuses[static_cast<std::size_t>(status_of(report, entry))]},
            {"duration", std::llround(entry.head_s.value_or(0) * 1e3)}};
  const bool passed = entry.verdict() == Verdict::pass || entry.verdict() == Verdict::measured;
  if (!entry.why.empty()) test["message"] = passed ? entry.why : full_reason(entry);
  test["rawStatus"] = verdict_info(entry.verdict()).id;
  test["suite"] = Json::array({report.gpu_id, entry.group});
  Json labels{{"reason", reason_info(entry.reason).id}};
  if (names_cause(entry)) labels["cause"] = headline(entry);
  if (entry.head_s) labels["duration_us"] = *entry.head_s * 1e6;
  if (entry.base_s) labels["base_us"] = *entry.base_s * 1e6;
  if (entry.change) labels["change_percent"] = entry.change->effect * 100;
  test["labels"] = std::move(labels);
  return test;
}

}  // namespace

std::string write_ctrf(const Report& report) {
  Json tests = Json::array();
  std::array<int, statuses.size()> counts{};
  for (const CaseReport& entry : report.cases) {
    ++counts[static_cast<std::size_t>(status_of(report, entry))];
    tests.push_back(test_of(report, entry));
  }
  Json summary{{"tests", report.cases.size()}};
  for (std::size_t i = 0; i < statuses.size(); ++i) summary[statuses[i]] = counts[i];
  // A result holds how long the run took, not when it began.
  summary["start"] = 0;
  summary["stop"] = std::llround(report.wall_s * 1e3);
  Json results{{"tool", {{"name", "perfgate"}, {"version", report.perfgate}}},
               {"summary", std::move(summary)},
               {"tests", std::move(tests)}};
  if (!report.commit.empty()) results["environment"] = {{"commit", report.commit}};
  return json_text({{"reportFormat", "CTRF"},
                    {"specVersion", "1.0.0"},
                    {"generatedBy", "perfgate"},
                    {"results", std::move(results)}});
}

}  // namespace perfgate
