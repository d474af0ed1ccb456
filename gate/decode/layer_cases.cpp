// SPDX-License-Identifier: Apache-2.0
#include "gate/decode/layer_cases.h"

namespace perfgate {

namespace {

/// The pipe that perfgate's kernels and cuBLAS use at these sizes: matrix products, attention's
/// among them, run on the tensor cores.
Pipe pipe_of(const Workload& workload, Stage stage) {
  return gemm_shape(workload, stage) || stage == Stage::attention ? Pipe::tensor : Pipe::fp32;
}

}  // namespace

std::vector<Case> cases_of(const Workload& workload, std::size_t source) {
  const std::string group = workload_id(workload);
  std::vector<Case> cases;
  Case layer{case_id(group, layer_case),
             group,
             std::string(layer_case),
             "the whole layer as a CUDA graph",
             {},
             {layer_bytes(workload), 0.0, Pipe::tensor},
             source};
  for (const StageInfo& info : stages) {
    const double operations = stage_operations(workload, info.stage);
    cases.push_back({case_id(group, info.id),
                     group,
                     std::string(info.id),
                     std::string(info.op),
                     {},
                     {stage_bytes(workload, info.stage), operations, pipe_of(workload, info.stage)},
                     source});
    layer.whole_of.push_back(cases.back().id);
    *layer.work.operations += operations;
  }
  cases.push_back(std::move(layer));
  return cases;
}

}  // namespace perfgate
