// SPDX-License-Identifier: Apache-2.0
// A bench whose programs run on the fake GPU (fake_gpu.h), with the injection library in them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gate/record/record.h"
#include "tests/support/bench.h"

namespace perfgate {

/// A bench whose GPU misbehaves in these ways.
Bench gpu_bench(const std::string& misbehaviours = "");

/// Runs `perfgate profile OPTIONS -- fake-cuda-program MODE` with two timing processes.
Outcome profile_on(const Bench& bench, const std::string& mode, std::vector<std::string> options);

RunRecord record_of(const Bench& bench);

using Names = std::vector<std::string>;

/// The kernels and the microseconds of a range, as the first timing process has them.
struct TimedRange {
  Names kernels, codes;
  double us = 0;
  std::int64_t occurrences = 0;
};
TimedRange range_of(const RunRecord& run, const std::string& group);

double metric_of(const RunRecord& run, const std::string& case_id, const std::string& metric);

}  // namespace perfgate
