// Policy as data: what is measured, how often, and what counts as a regression. Read from
// configs/ by strict parsers; measured numbers never stand here.
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
#include "gate/record/clock_policy.h"
#include "gate/record/metric.h"

namespace perfgate {

/// The cases of the default run: every combination.
struct Suite {
  std::vector<std::string> models;
  std::vector<int> batches;
  std::vector<int> contexts;
  std::vector<DType> dtypes;
};

struct MeasurePolicy {
  int processes = 0;           ///< fresh timing processes of a run
  int baseline_processes = 0;  ///< of a refresh
  int samples = 0;             ///< fewest samples of a case in a process
  double timeout_s = 0;        ///< a runner that takes longer is killed
  std::string metric_set;
  ClockPolicy clocks = ClockPolicy::observe;
  double clock_tolerance = 0.01;  ///< ratio; of lock and verify
  std::uint64_t seed = 0;         ///< of weights and inputs
  GemmBackend backend = GemmBackend::automatic;
};

struct Config {
  Suite suite;
  MeasurePolicy measure;
  JudgePolicy judge;
  std::string replay;  ///< the recording that stands in where there is no GPU, in tests/recordings
  std::map<std::string, ModelShape> models;  ///< by name
  std::vector<GpuModel> gpus;
  std::vector<Metric> metrics;
};

/// Each parser throws UsageError "file:line: key: text".
struct Policy {
  Suite suite;
  MeasurePolicy measure;
  JudgePolicy judge;
  std::string replay;
};
Policy parse_policy(std::string_view text, const std::string& source);
ModelShape parse_model(std::string_view text, const std::string& source);

}  // namespace perfgate
