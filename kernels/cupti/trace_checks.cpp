// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/trace_checks.h"

#include <fmt/format.h>

#include "kernels/cuda/cuda_check.h"

namespace perfgate {

double duration_s(const KernelRecord& kernel) {
  return static_cast<double>(kernel.end_ns - kernel.start_ns) * 1e-9;
}

void require_whole(const Trace& trace, std::size_t kernels, std::size_t graphs) {
  if (trace.dropped > 0)
    throw DeviceError(
        fmt::format("CUPTI dropped {} records: the trace is no evidence", trace.dropped));
  if (trace.kernels.size() != kernels || trace.graphs.size() != graphs)
    throw DeviceError(
        fmt::format("CUPTI recorded {} kernels and {} graphs, {} and {} were launched",
                    trace.kernels.size(), trace.graphs.size(), kernels, graphs));
}

}  // namespace perfgate
