// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline_lint.h"
#include "gate/config/make_plan.h"

#include "gate/baseline/baseline.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// One workload of llama-2-7b, baselines of two processes, an H200.
Config small_config() {
  Config config;
  config.suite = {{"llama-2-7b"}, {1}, {1024}, {DType::fp16}};
  config.measure.baseline_processes = 2;
  config.measure.baseline_sessions = 1;
  config.measure.metric_set = "s";
  config.models.emplace("llama-2-7b", llama_2_7b());
  config.metrics = {simple_metric("ipc", Unit::per_cycle)};
  config.gpus.resize(1);
  config.gpus[0].id = "h200";
  return config;
}

Baseline whole_baseline() {
  const Plan plan = make_plan(small_config(), {});
  return baseline_of(plan, Microseconds(plan.cases.size(), {10, 11}));
}

std::vector<std::string> lint(const Baseline& baseline, const std::string& file = "b/h200.toml") {
  return lint_baseline(write_baseline(baseline), file, small_config());
}

}  // namespace

TEST_CASE("a whole baseline has no finding", "[baseline_lint]") {
  CHECK(lint(whole_baseline()) == std::vector<std::string>{});
}

TEST_CASE("a case that is no longer planned and one that is missing", "[baseline_lint]") {
  Baseline baseline = whole_baseline();
  REQUIRE(baseline.cases[0].id == case_of("input_norm"));
  baseline.cases[0].id = "llama-1/b1/s1024/fp16/input_norm";
  const auto findings = lint(baseline);
  REQUIRE(findings.size() == 2);
  CHECK_THAT(findings[0],
             StartsWith("b/h200.toml: llama-1/b1/s1024/fp16/input_norm: in the file, but not") &&
                 ContainsSubstring("; ") && ContainsSubstring("full `perfgate baseline refresh`"));
  CHECK(findings[1] == "b/h200.toml: " + case_of("input_norm") +
                           ": planned, but not in the file; add it with `perfgate baseline refresh "
                           "--only '" +
                           case_of("input_norm") + "'`");
}

TEST_CASE("the cases of a program of the config are no orphans", "[baseline_lint]") {
  Baseline baseline = whole_baseline();
  baseline.cases.push_back(baseline.cases[0]);
  baseline.cases.back().id = "app@rank0/step/range";
  Config config = small_config();
  CHECK(lint_baseline(write_baseline(baseline), "h200.toml", config).size() == 1);
  config.programs.emplace_back().name = "app";
  CHECK(lint_baseline(write_baseline(baseline), "h200.toml", config) == std::vector<std::string>{});
  config.programs.back().name = "ap";
  CHECK(lint_baseline(write_baseline(baseline), "h200.toml", config).size() == 1);
}

TEST_CASE("fewer processes than the policy asks for", "[baseline_lint]") {
  Baseline baseline = whole_baseline();
  Config config = small_config();
  config.measure.baseline_processes = 3;
  baseline.cases[1].sessions_s[1].push_back(1e-5);  // this case has enough
  const auto findings = lint_baseline(write_baseline(baseline), "h200.toml", config);
  CHECK(findings.size() == baseline.cases.size() - 1);
  CHECK_THAT(findings[0], StartsWith("h200.toml: " + case_of("input_norm") +
                                     ": 2 processes, measure.baseline_processes asks for 3; "));
}

TEST_CASE("a file of another name, and an unknown GPU", "[baseline_lint]") {
  auto findings = lint(whole_baseline(), "b/h100.toml");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0] ==
        "b/h100.toml: gpu_id is h200, so this file is never read as h100's; name it "
        "h200.toml, or h200.aaaa.toml for its board alone");
  Baseline baseline = whole_baseline();
  baseline.gpu_id = "h20o";
  findings = lint(baseline, "h20o.toml");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0] ==
        "h20o.toml: no file of configs/gpus has the id h20o (did you mean 'h200'?); add "
        "configs/gpus/h20o.toml");
}

TEST_CASE("no checksum, a wrong one, a file that can't be read", "[baseline_lint]") {
  const std::string text = write_baseline(whole_baseline());
  const std::string line = text.substr(text.find("checksum"), 30);
  auto findings = lint_baseline(replaced(text, line, ""), "h200.toml", small_config());
  REQUIRE(findings.size() == 1);
  CHECK_THAT(findings[0], StartsWith("h200.toml: no checksum") &&
                              EndsWith("; measure it again with `perfgate baseline refresh`"));
  findings = lint_baseline(replaced(text, "11.0]", "11.5]"), "h200.toml", small_config());
  REQUIRE(findings.size() == 1);
  // The fix is printed once, not twice.
  CHECK(findings[0] ==
        "h200.toml:6: checksum: does not fit the file, which was edited by hand or merged from "
        "two; measure it again with `perfgate baseline refresh`");
  findings = lint_baseline(replaced(text, "schema = 3", "schema = 9"), "h200.toml", small_config());
  REQUIRE(findings.size() == 1);
  CHECK_THAT(findings[0], StartsWith("h200.toml:2: schema: ") &&
                              EndsWith("; measure it again with `perfgate baseline refresh`"));
}

TEST_CASE("fewer sessions than the policy asks for", "[baseline_lint]") {
  Config config = small_config();
  config.measure.baseline_sessions = 3;
  const auto findings = lint_baseline(write_baseline(whole_baseline()), "h200.toml", config);
  CHECK(findings ==
        std::vector<std::string>{"h200.toml: 1 session, measure.baseline_sessions asks for 3; add "
                                 "one with `perfgate baseline refresh --add`"});
}
