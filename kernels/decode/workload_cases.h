// The cases of one workload of a plan: which rows of the record belong to which stage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/record/record.h"
#include "kernels/decode/decode_step.h"

namespace perfgate {

/// The planned cases of the plan's `index`-th workload.
std::vector<Case> workload_cases(const Plan& plan, std::size_t index);

/// Adds `why` as the failure of each of `cases`.
void fail_cases(ProcessRecord& record, const std::vector<Case>& cases, const std::string& why);

/// The step that measures a workload: enough resident layers for cold weights.
DecodeStep make_step(const Workload& workload, const Plan& plan, const GpuFingerprint& gpu,
                     cudaStream_t stream, const StepMemory& memory = {});

/// A non-blocking stream.
class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  cudaStream_t get() const { return m_stream; }

 private:
  cudaStream_t m_stream = nullptr;
};

}  // namespace perfgate
