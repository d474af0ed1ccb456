// SPDX-License-Identifier: Apache-2.0
// Policy as data: what is measured, how often, and what counts as a regression. Strict parsers read
// it from configs/; measured numbers never belong here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/config/gpu_model.h"
#include "gate/config/judge_policy.h"
#include "gate/decode/layer_model.h"
#include "gate/program/program_spec.h"
#include "gate/record/clock_policy.h"
#include "gate/record/metric.h"
#include "gate/util/toml_table.h"

namespace perfgate {

/// The cases of the default run: every combination of these.
struct Suite {
  std::vector<std::string> models;
  std::vector<int> batches;
  std::vector<int> contexts;
  std::vector<DType> dtypes;
};

struct MeasurePolicy {
  int processes = 0;           ///< fresh timing processes in a run
  int baseline_processes = 0;  ///< the same for a refresh, all sessions together
  int baseline_sessions = 3;   ///< invocations that these are shared among
  int samples = 0;             ///< the fewest samples of a case in a process
  double timeout_s = 0;        ///< a runner that takes longer is killed
  std::string metric_set;
  ClockPolicy clocks = ClockPolicy::observe;
  double clock_tolerance = 0.01;  ///< ratio; for the policies lock and verify
  std::uint64_t seed = 0;         ///< seed of weights and inputs
  GemmBackend backend = GemmBackend::automatic;
};

/// Where kernels are written: the section [[where]].
struct KernelSource {
  std::string cases;  ///< glob of case ids
  std::string files;  ///< a file, or a glob of files, below the project's root
};

struct Config {
  Suite suite;
  MeasurePolicy measure;
  JudgePolicy judge;
  std::vector<ProgramSpec> programs;
  std::vector<KernelSource> sources;  ///< the last one that has the kernel wins
  /// What is measured unless --program says otherwise: the suite, or the programs alone.
  bool measures_suite = true;
  std::string replay;  ///< the recording in tests/recordings that stands in where there is no GPU
  std::map<std::string, ModelShape> models;  ///< models by name
  std::vector<GpuModel> gpus;
  std::vector<Metric> metrics;
};

/// Each parser throws UsageError "file:line: key: text".
struct Policy {
  Suite suite;
  MeasurePolicy measure;
  JudgePolicy judge;
  std::string replay;
  std::vector<ProgramSpec> programs;
  bool measures_suite = true;
  std::vector<KernelSource> sources{};
};
Policy parse_policy(std::string_view text, const std::string& source);

/// The same for a project's file, which need only say what differs from the installation's
/// defaults. Where it has programs and no [suite] of its own, the suite is not measured.
Policy parse_policy(const TomlText& own, const TomlText& defaults);

/// Returns the source that is measured where no program is named: the suite, or a project's only
/// program; empty: there are several, and one must be named.
std::optional<std::string> default_source(const std::vector<ProgramSpec>& programs,
                                          bool measures_suite);

ModelShape parse_model(std::string_view text, const std::string& source);

}  // namespace perfgate
