// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/source_settings.h"

#include <set>

namespace perfgate {

SourceSettings settings_of(const Plan& plan) {
  SourceSettings settings;
  for (const Source& source : plan.sources) settings[source.id] = source.settings;
  return settings;
}

std::vector<SettingChange> changed_settings(const SourceSettings& before,
                                            const SourceSettings& now) {
  const auto value_of = [](const auto& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string("not set") : found->second;
  };
  std::vector<SettingChange> changes;
  for (const auto& [source, is] : now) {
    const auto was = before.find(source);
    if (was == before.end()) continue;
    std::set<std::string> names;
    for (const auto* side : {&was->second, &is})
      for (const auto& [name, value] : *side) names.insert(name);
    for (const std::string& name : names) {
      if (is_work_setting(name) && !(was->second.contains(name) && is.contains(name))) continue;
      if (const std::string a = value_of(was->second, name), b = value_of(is, name); a != b)
        changes.push_back({source, name, a, b});
    }
  }
  return changes;
}

}  // namespace perfgate
