// SPDX-License-Identifier: Apache-2.0
// `perfgate-runner bench`: measures how good the stages' kernels are, not whether they changed.
// Each stage runs beside cuBLASLt (the GEMMs) and beside the limit of the memory, interleaved in
// one process, with the same cold weights for all.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gate/decode/decode_source.h"
#include "gate/record/record.h"

namespace perfgate {

/// Seconds of one launch, medians. In a graph of consecutive launches, this is the time from one
/// launch to the next; our kernels are also timed with programmatic dependent launch, as in a
/// layer.
struct BenchRow {
  std::string name;         ///< the case's id
  bool own = true;          ///< our own kernel, as planned; else cuBLASLt's first pick
  double overlapped_s = 0;  ///< the planned kernel, with overlap
  double plain_s = 0;       ///< the planned kernel, without overlap
  double kernel_s = 0;      ///< from the first kernel's start to the last one's end
  double floor_s = 0;       ///< the bytes that must be moved, over the measured read roof
  bool cold = true;         ///< its input comes from HBM, so the floor is a true one
  struct Cublas {
    int algorithms = 0;  ///< how many the heuristic offers, 32 at most
    int best = 0;        ///< index in its list
    double first_s = 0, best_s = 0;
  };
  std::optional<Cublas> cublas;  ///< only for GEMMs
};

/// Measures each planned case that is a stage, in order, and calls `tell` after each. Throws
/// DeviceError.
void bench_plan(const DecodePlan& plan, const GpuFingerprint& gpu,
                const std::function<void(const BenchRow&)>& tell);

/// Returns a line of a table for people, with its end of line; microseconds. "ovl/best" is ours
/// with overlap over cuBLASLt's best, which its launches cannot have; "/best" is ours without
/// overlap, as a stage is timed.
std::string bench_header();
std::string bench_line(const BenchRow& row);

}  // namespace perfgate
