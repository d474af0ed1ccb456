// SPDX-License-Identifier: Apache-2.0
// The formats for other tools, held against what these tools say they read. CTRF's schema and an
// OpenMetrics parser are tried in tests/github and tests/exchange.
#include <set>

#include "gate/exchange/exporter.h"
#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/sample_reports.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

std::size_t measured(const Report& report) {
  std::size_t count = 0;
  for (const CaseReport& entry : report.cases) count += entry.head_s.has_value();
  return count;
}

}  // namespace

TEST_CASE("BMF: latency in nanoseconds between the fastest and the slowest process",
          "[exporters]") {
  Report report = many_cases(1, 0);
  report.cases[0].head_s = 12e-6;
  report.cases[0].rounds = 0;
  report.cases[0].distribution.head_s = {12e-6, 11e-6, 13e-6};
  report.cases[0].metrics = {{"hbm_read", {1e6, 2e6}}, {"ipc", {1.0, {}}}};
  const Json all = parse_json(write_bmf(report), "bmf");
  const Json& entry = all.at(report.cases[0].id);
  CHECK(entry.at("latency").at("value") == 12000.0);
  CHECK_THAT(entry.at("latency").at("lower_value").get<double>(), WithinRel(11000.0, 1e-12));
  CHECK_THAT(entry.at("latency").at("upper_value").get<double>(), WithinRel(13000.0, 1e-12));
  CHECK(entry.at("hbm-read").at("value") == 2e6);
  CHECK_FALSE(entry.contains("ipc"));  // absent in the head
}

TEST_CASE("BMF: what its schema asks of names and values", "[exporters]") {
  const Report report = every_reason();
  const Json all = parse_json(write_bmf(report), "bmf");
  CHECK(all.size() >= measured(report));
  for (const auto& [name, measures] : all.items()) {
    CHECK((!name.empty() && name.size() <= 1024));
    CHECK_FALSE(measures.empty());
    for (const auto& [measure, metric] : measures.items()) {
      CHECK((!measure.empty() && measure.size() <= 64));
      CHECK(metric.at("value").is_number());
      for (const auto& [key, value] : metric.items()) {
        CHECK((key == "value" || key == "lower_value" || key == "upper_value"));
        CHECK(value.is_number());
      }
    }
  }
}

TEST_CASE("github-action-benchmark: name, unit and value of each case, ranges with ±",
          "[exporters]") {
  const Report report = every_reason();
  const Json rows = parse_json(write_gab(report), "gab");
  CHECK(rows.size() == measured(report));
  std::set<std::string> names;
  for (const Json& row : rows) {
    CHECK(row.at("name").is_string());
    CHECK(row.at("unit") == "us");
    CHECK(row.at("value").is_number());
    if (row.contains("range")) CHECK_THAT(row.at("range").get<std::string>(), StartsWith("± "));
    CHECK(names.insert(row.at("name")).second);
  }
  Report nothing = report;
  for (CaseReport& entry : nothing.cases) entry.head_s.reset();
  CHECK_THAT(error_of<UsageError>([&] { write_gab(nothing); }),
             ContainsSubstring("no case has a duration"));
}

TEST_CASE("OpenMetrics: families stay together, units end names, labels are escaped",
          "[exporters]") {
  Report report = many_cases(2, 1);
  report.conditions = "a \"quoted\\path\"\nand a line";
  const std::string text = write_openmetrics(report);
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK_THAT(text, ContainsSubstring("conditions=\"a \\\"quoted\\\\path\\\"\\nand a line\"} 1\n"));
  CHECK_THAT(text, ContainsSubstring("# TYPE perfgate_case_duration_seconds gauge\n# UNIT "
                                     "perfgate_case_duration_seconds seconds\n# HELP "
                                     "perfgate_case_duration_seconds "));
  CHECK_THAT(text, ContainsSubstring("verdict=\"regressed\""));
  std::set<std::string> seen;
  std::string family;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] == '#') continue;
    const std::string name = text.substr(at, text.find('{', at) - at);
    if (name == family) continue;
    CHECK(seen.insert(name).second);
    family = name;
  }
}

TEST_CASE("CTRF: a test for each case, its counts add up, regressions fail", "[exporters]") {
  const Report report = every_reason();
  const Json all = parse_json(write_ctrf(report), "ctrf");
  const Json& summary = all.at("results").at("summary");
  CHECK(summary.at("tests") == report.cases.size());
  std::size_t sum = 0;
  for (const char* status : {"passed", "failed", "skipped", "pending", "other"})
    sum += summary.at(status).get<std::size_t>();
  CHECK(sum == report.cases.size());
  CHECK(summary.at("failed") == report.count(Verdict::regressed));
  CHECK(summary.at("other").get<std::size_t>() >= report.failed());
  for (const Json& test : all.at("results").at("tests"))
    CHECK(test.at("duration").is_number_integer());
}
