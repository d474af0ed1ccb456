// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sample_reports.h"

#include <fmt/format.h>

#include "tests/support/support.h"

using namespace perfgate;

Report every_reason() {
  Report report;
  report.perfgate = "0.1.0";
  report.gpu_id = "h200";
  report.gpu_name = "NVIDIA H200";
  report.created = "2025-01-03T03:04:05Z";
  report.conditions = "NVIDIA H200, driver 570.86.15, CUDA 12.8";
  report.against = "h200 of 2025-01-02T03:04:05Z (0123456789ab)";
  report.metrics = {simple_metric("ipc", Unit::per_cycle),
                    simple_metric("hbm_throughput", Unit::ratio)};
  report.notes = {"driver: 580 now, 570 in the baseline"};
  report.wall_s = 8.4;
  report.exit_code = ExitCode::regressed;
  for (const ReasonInfo& info : reasons) {
    if (info.reason == Reason::profiled) continue;  // what is judged has none
    CaseReport one;
    one.group = "llama-2-7b/b1/s1024/fp16";
    one.part = info.id;  // the reason's name in the place of the stage's
    one.id = case_id(one.group, one.part);
    one.reason = info.reason;
    one.why = "because of 3 | 4";
    one.tolerance = 0.01;
    one.threshold = 0.02;
    one.bytes = 1000;
    if (info.reason != Reason::no_baseline) one.base_s = 10e-6;
    if (verdict_info(one.verdict()).outcome == Outcome::judged) {
      one.head_s = 10.5e-6;
      one.change = Change{0.05, 0.04, 0.06, 0.01};
      one.metrics["ipc"] = {0.5, 0.25};
      one.metrics["hbm_throughput"] = {std::nullopt, 0.875};
      one.kernels = {"gemm<128>"};
      one.cause = Cause::work;
      one.causes = {{Cause::work, 1, "instructions +5.0 %"}};
      one.explanation = "instructions +5.0 %: explains the +5.0 %; code changed";
      one.split = TimeBreakdown{8e-6, 8.4e-6, 0.05, -0.002, 0.001, 0};
      one.code = CodeMatch::code;
      one.roofline.emplace();
      one.roofline->pipe = Pipe::fp32;
      one.roofline->operations = 2000;
      one.roofline->operations_per_s = 2000 / 10.5e-6;
      one.roofline->hbm_roof = 4e12;
    }
    report.cases.push_back(std::move(one));
  }
  return report;
}

Report many_cases(std::size_t cases, std::size_t regressed) {
  Report report;
  report.perfgate = "0.1.0";
  report.gpu_id = "h200";
  report.gpu_name = "NVIDIA H200";
  report.created = "2025-01-03T03:04:05Z";
  report.conditions = "NVIDIA H200, driver 570.86.15, CUDA 12.8";
  report.against = "h200 of 2025-01-02T03:04:05Z (0123456789ab)";
  report.metrics = {simple_metric("ipc", Unit::per_cycle)};
  report.exit_code = regressed > 0 ? ExitCode::regressed : ExitCode::pass;
  for (std::size_t i = 0; i < cases; ++i) {
    CaseReport one;
    one.group = "llama-2-7b/b1/s1024/fp16";
    one.part = fmt::format("stage_{:05}", i);
    one.id = case_id(one.group, one.part);
    const bool slow = i >= cases - regressed;
    one.reason = slow ? Reason::slower : Reason::within_tolerance;
    one.why =
        slow ? "+12.0 %, at least +11.0 %, tolerance 2.0 %" : "at most +1.0 %, tolerance 2.0 %";
    one.base_s = 10e-6;
    one.head_s = slow ? 11.2e-6 : 10e-6;
    one.change = slow ? Change{0.12, 0.11, 0.13, 0.01} : Change{0, -0.01, 0.01, 0.01};
    one.metrics["ipc"] = {0.5, 0.25};
    report.cases.push_back(std::move(one));
  }
  return report;
}
