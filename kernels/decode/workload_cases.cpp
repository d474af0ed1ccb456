#include "kernels/decode/workload_cases.h"

#include "kernels/cuda/cuda_check.h"

namespace perfgate {

std::vector<Case> workload_cases(const Plan& plan, std::size_t index) {
  std::vector<Case> cases;
  for (const Case& one : plan.cases)
    if (one.workload == index) cases.push_back(one);
  return cases;
}

void fail_cases(ProcessRecord& record, const std::vector<Case>& cases, const std::string& why) {
  for (const Case& one : cases) record.failures.push_back({one.id, why});
}

DecodeStep make_step(const Workload& workload, const Plan& plan, const GpuFingerprint& gpu,
                     cudaStream_t stream, const StepMemory& memory) {
  return DecodeStep(workload, resident_layers(workload, gpu.l2_bytes), plan.seed, stream,
                    plan.backend, memory);
}

Stream::Stream() {
  check(cudaStreamCreateWithFlags(&m_stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
}

Stream::~Stream() {
  cudaStreamDestroy(m_stream);
}

}  // namespace perfgate
