// What one run will measure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/decode/layer_model.h"
#include "gate/record/metric.h"

namespace perfgate {

/// One row of the report: one stage of one workload, or its whole layer.
struct Case {
  std::string id;              ///< `llama-2-7b/b1/s1024/fp16/o_proj`
  std::size_t workload = 0;    ///< index into Plan::workloads
  std::optional<Stage> stage;  ///< empty: the whole layer, as a CUDA graph

  bool operator==(const Case&) const = default;
};

struct Plan {
  std::vector<Workload> workloads;
  std::vector<Case> cases;  ///< grouped by workload, stages in order, then the layer
  std::vector<Metric> metrics;
  GemmBackend backend = GemmBackend::automatic;
  int samples = 0;
  std::uint64_t seed = 0;

  bool operator==(const Plan&) const = default;
};

/// The stages of a workload in order, then its layer.
std::vector<Case> cases_of(const Workload& workload, std::size_t index);

/// The part of `plan` that measures `ids`, without the workloads that it does not need.
Plan part_of(const Plan& plan, const std::vector<std::string>& ids);

/// The ids of the plan's cases.
std::vector<std::string> case_ids(const Plan& plan);

/// Bytes that a case must move through DRAM.
double case_bytes(const Plan& plan, const Case& one);

}  // namespace perfgate
