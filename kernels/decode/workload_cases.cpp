// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/workload_cases.h"

namespace perfgate {

void fail_cases(ProcessRecord& record, const std::vector<StageCase>& cases,
                const std::string& why) {
  for (const StageCase& one : cases) record.failures.push_back({one.id, why});
}

DecodeStep make_step(const Workload& workload, const DecodePlan& plan, const GpuFingerprint& gpu,
                     cudaStream_t stream, const StepMemory& memory) {
  return DecodeStep(workload, resident_layers(workload, gpu.l2_bytes), plan.seed, stream,
                    plan.gemms, memory);
}

}  // namespace perfgate
