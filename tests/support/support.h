// SPDX-License-Identifier: Apache-2.0
// Makes what many tests need: small plans, runs and baselines whose numbers can be checked by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/config/config.h"
#include "gate/decode/layer_model.h"
#include "gate/record/plan.h"
#include "gate/record/record.h"
#include "gate/run/run_view.h"
#include "gate/util/error.h"

/// Returns the message of the E that `action` throws; another exception fails the test by itself.
template <class E, class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

/// Shapes as in the models' config.json on the model hub, not read from configs/.
perfgate::ModelShape llama_2_7b();
perfgate::ModelShape llama_3_8b();
perfgate::ModelShape llama_3_70b_tp8();
perfgate::Workload workload(const perfgate::ModelShape& model, int batch = 1, int context = 1024);

/// A metric with one counter, "c", in the set "s".
perfgate::Metric simple_metric(const std::string& id, perfgate::Unit unit);

perfgate::GpuFingerprint h200();

/// llama-2-7b/b1/s1024/fp16 with only these stages ("layer" is the whole layer), and the metrics
/// ipc, hbm_throughput and l2_hit_rate.
perfgate::Plan small_plan(const std::vector<std::string>& stages = {"o_proj", "silu_mul"});
/// "llama-2-7b/b1/s1024/fp16/<stage>"
std::string case_of(std::string_view stage);

/// The process statistics of each case of a plan, in microseconds: [case][process]. A negative one
/// says that this process did not measure the case.
using Microseconds = std::vector<std::vector<double>>;

/// The conditions of a process on a GPU that nothing else used and nothing throttled.
perfgate::Conditions quiet();

/// Five processes that scatter by 0.1 % around `us`: small against any change in the tests.
std::vector<double> around(double us);

/// A run of `plan` with one timing process for each column of `us`, and one counters process.
perfgate::RunRecord run_of(const perfgate::Plan& plan, const Microseconds& us);
perfgate::Baseline baseline_of(const perfgate::Plan& plan, const Microseconds& us);

perfgate::CaseView view_case(const perfgate::RunRecord& run, std::string_view case_id);

/// A timing record of which every statistic is `seconds`.
perfgate::Timing timing_of(const std::string& case_id, double seconds);

/// A step of the workload: two repetitions of all ten stages, with one kernel each, but two of
/// attention. The n-th stage's kernels last n us. They follow each other at once in a graph and 1
/// us apart when launched one by one, each by a call that begins 10 us before it and takes 3 us.
perfgate::StepTimeline timeline_of(const perfgate::Workload& workload,
                                   perfgate::Launching launching);

/// A valid policy: 2 %, alpha 0.001, no floor, inconclusive fails.
perfgate::JudgePolicy strict_policy();

/// Returns a file of the source tree as text.
std::string source_file(const std::string& path);

/// Returns tests/recordings/NAME.json.
perfgate::RunRecord recorded(const std::string& name);

/// Compares `text` with tests/golden/<name>; returns "" when they are equal, else where they part.
/// With UPDATE_GOLDEN=1 in the environment it rewrites the file instead.
std::string golden_difference(const std::string& name, const std::string& text);

/// Returns `text` with the first `from` replaced by `to`; throws when it is not there, so that a
/// test that breaks a document on purpose can't silently test nothing.
std::string replaced(std::string text, std::string_view from, std::string_view to);
