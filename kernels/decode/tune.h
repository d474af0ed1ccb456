// SPDX-License-Identifier: Apache-2.0
// `perfgate-runner tune`: finds the variant of each GEMM with which a layer is fastest on this GPU.
// A variant that wins alone may lose in the layer, where its neighbours begin early in the shared
// memory and the registers that it leaves them, so the layer decides.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gate/decode/decode_source.h"
#include "gate/record/record.h"

namespace perfgate {

/// One variant of one GEMM stage. Seconds, medians.
struct TunedVariant {
  std::string id;
  double layer_s = 0;  ///< a layer with it, the other stages as tuned; from the first look where it
                       ///< was not among the fastest there
  double alone_s = 0;  ///< from launch to launch with overlap, as in `bench`
  bool final = false;  ///< layer_s is of the rounds that decided
};

struct TunedStage {
  Stage stage;
  GemmChoice choice;
  std::string before;                  ///< the variant that the request would have run
  std::vector<TunedVariant> variants;  ///< the fastest layer first
  double cublas_first_s = 0, cublas_best_s = 0;
};

struct TunedWorkload {
  std::string workload;
  double before_s = 0, after_s = 0;  ///< a layer with the variants before and with the chosen ones
  std::vector<TunedStage> stages;
};

/// Tunes each workload of the plan, and calls `tell` after each. Measures in turns, with random
/// waits between the steps, at several placements; a variant replaces the one before only where the
/// layer is faster by more than 0.3 %. Throws DeviceError.
void tune_plan(const DecodePlan& plan, const GpuFingerprint& gpu,
               const std::function<void(const TunedWorkload&)>& tell);

/// Returns the table for people, at most 100 columns wide: each stage's variant, the layer with it
/// against the layer with the one before, its own time from launch to launch, and that against the
/// fastest of cuBLASLt's algorithms; then the layer with the next variants.
std::string tune_table(const TunedWorkload& tuned);

/// Returns every variant that was measured, a line each, as comma-separated values.
std::string tune_csv_header();
std::string tune_csv(const TunedWorkload& tuned);

}  // namespace perfgate
