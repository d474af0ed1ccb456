// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/variant_plans.h"

#include <utility>

#include "gate/util/id_table.h"
#include "kernels/ops/gemm.h"

namespace perfgate {
namespace {

std::vector<GemmChoice> choices_of(const DecodePlan& plan, const GemmVariant& variant) {
  std::vector<GemmChoice> choices;
  for (const PlannedWorkload& planned : plan.workloads)
    for (const StageInfo& info : stages)
      if (const auto shape = gemm_shape(planned.workload, info.stage))
        if (refusal_of(variant, *shape, gemm_device()).empty())
          choices.push_back({*shape, planned.workload.dtype, std::string(variant.id)});
  return choices;
}

}  // namespace

std::vector<VariantPlan> variant_plans(const DecodePlan& plan) {
  std::vector<VariantPlan> out;
  for (const GemmVariant& variant : gemm_variants) {
    if (variant.kernel == GemmKernel::cublas) continue;
    std::vector<GemmChoice> choices = choices_of(plan, variant);
    if (choices.empty()) continue;
    out.push_back({std::string(variant.id), plan});
    out.back().plan.gemms.choices = std::move(choices);
  }
  return out;
}

std::vector<std::string> gemm_variant_ids() {
  return ids_of(gemm_variants);
}

}  // namespace perfgate
