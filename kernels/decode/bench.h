// `perfgate-runner bench`: how good the stages' kernels are, not whether they changed. Each stage
// beside cuBLASLt (the GEMMs) and beside what the memory allows, interleaved in one process, with
// the same cold weights for everybody.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gate/decode/decode_source.h"
#include "gate/record/record.h"

namespace perfgate {

/// Seconds of one launch, medians. In a graph of launches that follow each other, the time from one
/// launch to the next; for our kernels also with programmatic dependent launch, as in a layer.
struct BenchRow {
  std::string name;         ///< as a case's id
  bool own = true;          ///< our own kernel, as planned; else cuBLASLt's first pick
  double overlapped_s = 0;  ///< as planned, with overlap
  double plain_s = 0;       ///< as planned, without
  double kernel_s = 0;      ///< from the first kernel's start to the last one's end
  double floor_s = 0;       ///< the bytes that must be moved, over the measured read roof
  bool cold = true;         ///< what it reads comes from HBM, so the floor is one
  struct Cublas {
    int algorithms = 0;  ///< that the heuristic offers, 32 at most
    int best = 0;        ///< index in its list
    double first_s = 0, best_s = 0;
  };
  std::optional<Cublas> cublas;  ///< of the GEMMs
};

/// Each planned case that is a stage, in order; `tell` hears of each when it is measured. Throws
/// DeviceError.
void bench_plan(const DecodePlan& plan, const GpuFingerprint& gpu,
                const std::function<void(const BenchRow&)>& tell);

/// A line of a table for people, with its end of line; microseconds. "ovl/best" is ours with
/// overlap over cuBLASLt's best, which its launches can't have; "/best" is ours without, as a stage
/// is timed.
std::string bench_header();
std::string bench_line(const BenchRow& row);

}  // namespace perfgate
