// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/program_cases.h"

#include <fmt/format.h>

#include <algorithm>

namespace perfgate {

namespace {

std::vector<std::string_view> operators(const std::vector<KernelLaunch>& launches) {
  std::vector<std::string_view> names;
  for (const KernelLaunch& launch : launches)
    names.push_back(std::string_view(launch.name).substr(0, launch.name.find('<')));
  return names;
}

bool is_of_program(const Plan& plan, const Case& planned) {
  return planned.source < plan.sources.size() && is_program(plan.sources[planned.source].id);
}

std::string_view group_of(std::string_view case_id) {
  return case_id.substr(0, case_id.rfind('/'));
}

/// Returns the source of a case of the baseline: a program by its name, an import by what it says
/// of the case's group, else the built-in layer.
std::string source_of(const Comparison& comparison, std::string_view case_id) {
  for (const auto& [source, settings] : comparison.baseline().settings) {
    if (is_program(source) && is_case_of_program(source, case_id)) return source;
    if (is_import(source) && settings.contains(work_setting(group_of(case_id)))) return source;
  }
  return std::string(decode_source_id);
}

}  // namespace

bool launched_otherwise(const Comparison& comparison, const Case& planned) {
  const Plan& plan = comparison.run().plan;
  if (!is_of_program(plan, planned)) return false;
  for (const Case& whole : plan.cases) {
    if (std::find(whole.whole_of.begin(), whole.whole_of.end(), planned.id) == whole.whole_of.end())
      continue;
    const Launches both = comparison.launches(whole.id);
    return !both.base.empty() && operators(both.base) != operators(both.head);
  }
  return false;
}

bool base_build_lacks(const Comparison& comparison, const Case& planned) {
  return comparison.screened_beside_base_build() && is_of_program(comparison.run().plan, planned) &&
         !comparison.base_build_error() && comparison.base_build(planned.id).durations_s.empty() &&
         !comparison.base_build(planned.id).failure;
}

bool same_code_is_same_work(const Comparison& comparison, const Case& planned,
                            const std::vector<MetricCheck>& checks) {
  return !is_of_program(comparison.run().plan, planned) ||
         std::any_of(checks.begin(), checks.end(),
                     [](const MetricCheck& check) { return check.repeats; });
}

std::optional<std::string> owed(const Comparison& comparison, const JudgePolicy& policy,
                                std::string_view stored_id) {
  const Plan& plan = comparison.run().plan;
  const std::string source = source_of(comparison, stored_id);
  if (std::none_of(plan.sources.begin(), plan.sources.end(),
                   [&](const Source& entry) { return entry.id == source; })) {
    if (policy.owed_source != source) return std::nullopt;
    return fmt::format(
        "the policy that judges measures {}, this run did not: a change that renames or drops it "
        "is merged first, by itself",
        is_program(source) ? source : "the suite");
  }
  // A range of a program that launches other kernels has other cases, and none is missing.
  if (is_program(source) && !comparison.baseline().settings.at(source).contains(import_setting) &&
      has_group(plan, group_of(stored_id)))
    return std::nullopt;
  return "the baseline has it, this run did not plan it; a full `perfgate baseline refresh` drops "
         "it";
}

}  // namespace perfgate
