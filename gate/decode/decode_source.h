// SPDX-License-Identifier: Apache-2.0
// The built-in layer as a source of cases: its request in a plan, and what the runner makes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/decode/gemm_choice.h"
#include "gate/decode/layer_model.h"
#include "gate/record/plan.h"

namespace perfgate {

/// The longest random wait between two steps. A wait that is uniform over a whole beat of the
/// device memory makes each step's phase in it random; the only beat that was seen has 100.15 us
/// (H200), so this is one and a fifth. Longer waits cost time, and the samples did not scatter less
/// with them (docs/decisions.md).
inline constexpr double longest_wait_s = 120e-6;

/// The content of Source::request; only this source reads it.
struct DecodeRequest {
  GemmBackend backend = GemmBackend::automatic;
  std::vector<Workload> workloads;
  double dither_s = longest_wait_s;   ///< longest random wait between two steps; 0: none
  std::vector<GemmChoice> choices{};  ///< stored choices of GEMM kernels, for the backend `auto`
};

/// The name of the setting that holds the stored choices in one line.
inline constexpr std::string_view gemm_variants_setting = "gemm_variants";

/// Returns "1x4096x4096 fp16 NAME": rows of `in`, of the weight, and their length.
std::string gemm_text(const GemmChoice& choice);

/// The GEMM backend, the stored choices, the random waits and the shape of each workload are
/// settings: they must be equal on both sides of a comparison.
Source decode_source(const DecodeRequest& request);

/// Throws UsageError naming what is wrong with the request.
DecodeRequest read_decode_request(const Source& source);

/// Returns the choices in the plan's decode source; none where it has no such source.
std::vector<GemmChoice> choices_of(const Plan& plan);

/// Replaces the choices in the plan's decode source, and its setting with them; leaves a plan alone
/// whose source has another backend than `auto`, or that has no such source: nothing is chosen
/// there.
void set_choices(Plan& plan, const std::vector<GemmChoice>& choices);

/// One planned case of a workload.
struct StageCase {
  std::string id;
  std::optional<Stage> stage;  ///< empty: the whole layer
};

struct PlannedWorkload {
  Workload workload;
  std::vector<StageCase> cases;  ///< in the plan's order; never empty
};

/// A plan as the runner carries it out.
struct DecodePlan {
  std::vector<PlannedWorkload> workloads;
  std::vector<Metric> metrics;
  GemmSelection gemms;
  int samples = 0;
  std::uint64_t seed = 0;
  double dither_s = 0;  ///< longest random wait between two steps; 0: none
};

/// Throws UsageError when the plan has no such source, or a case that belongs to none of its
/// workloads.
DecodePlan decode_plan(const Plan& plan);

}  // namespace perfgate
