// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/settings_differ.h"

#include <fmt/format.h>

#include <string>

#include "gate/baseline/gpu_settings.h"

namespace perfgate {

namespace {

std::string setting(const std::string& what, const std::string& now, const std::string& base) {
  return fmt::format(
      "{} {} now, {} in the baseline; set it back, or run `perfgate baseline refresh`", what, now,
      base);
}

}  // namespace

std::optional<std::string> settings_differ(const RunRecord& run, const Baseline& baseline) {
  if (!run.gpu) return std::nullopt;
  if (const auto change = changed_gpu_setting(baseline.gpu, *run.gpu))
    return setting(change->name + " is", change->is, change->was);
  const bool head_free = run.clocks == ClockPolicy::observe;
  const bool base_free = baseline.clocks == ClockPolicy::observe;
  if (head_free != base_free)
    return setting("the clocks are", head_free ? "free" : "locked", base_free ? "free" : "locked");
  if (baseline.seed && *baseline.seed != run.plan.seed)
    return setting("the seed of weights and inputs is", std::to_string(run.plan.seed),
                   std::to_string(*baseline.seed));
  for (const SettingChange& change : changed_settings(baseline.settings, settings_of(run.plan)))
    if (!is_work_setting(change.name))
      return setting(fmt::format("{}: {} is", change.source, change.name), change.is, change.was);
  return std::nullopt;
}

std::optional<std::string> work_differs(const Case& planned, const RunRecord& run,
                                        const Baseline& baseline) {
  if (planned.source >= run.plan.sources.size()) return std::nullopt;
  const Source& source = run.plan.sources[planned.source];
  for (const SettingChange& change : changed_settings(baseline.settings, settings_of(run.plan)))
    if (change.source == source.id && change.name == work_setting(planned.group))
      return fmt::format("it is {} now, {} in the baseline; refresh the baseline", change.is,
                         change.was);
  return std::nullopt;
}

}  // namespace perfgate
