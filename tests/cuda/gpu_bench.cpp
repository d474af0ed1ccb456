// SPDX-License-Identifier: Apache-2.0
#include "tests/cuda/gpu_bench.h"

#include <stdexcept>

#include "gate/os/files.h"

namespace perfgate {

Bench gpu_bench(const std::string& misbehaviours) {
  Bench bench;
  bench.env["PERFGATE_CUPTI_FOLDER"] = FAKE_GPU_FOLDER;
  bench.env["FAKE_GPU"] = misbehaviours;
  return bench;
}

Outcome profile_on(const Bench& bench, const std::string& mode, std::vector<std::string> options) {
  std::vector<std::string> arguments{
      "profile", "--library", INJECTION_LIBRARY, "-o", "run.json", "--processes", "2"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", FAKE_CUDA_PROGRAM, mode});
  return bench.perfgate(arguments);
}

RunRecord record_of(const Bench& bench) {
  return read_record(read_file(bench.root() / "run.json"), "run.json");
}

TimedRange range_of(const RunRecord& run, const std::string& group) {
  TimedRange out;
  for (const ProcessRecord& process : run.processes) {
    if (process.kind != ProcessKind::timing) continue;
    for (const CaseKernels& kernels : process.kernels)
      if (kernels.case_id == group + "/range")
        for (const KernelLaunch& launch : kernels.launches) {
          out.kernels.push_back(launch.name);
          out.codes.push_back(launch.code);
        }
    for (const Timing& timing : process.timings)
      if (timing.case_id == group + "/range") {
        out.us = timing.iq_mean_s * 1e6;
        out.occurrences = timing.count;
      }
    break;
  }
  return out;
}

double metric_of(const RunRecord& run, const std::string& case_id, const std::string& metric) {
  for (const ProcessRecord& process : run.processes)
    for (const CaseMetrics& metrics : process.metrics)
      if (metrics.case_id == case_id) return metrics.values.at(metric);
  throw std::runtime_error("no metrics of " + case_id);
}

}  // namespace perfgate
