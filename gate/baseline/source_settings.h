// SPDX-License-Identifier: Apache-2.0
// What of a source must be equal on both sides of a comparison.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gate/record/plan.h"

namespace perfgate {

/// Source id -> name -> value.
using SourceSettings = std::map<std::string, std::map<std::string, std::string>>;
SourceSettings settings_of(const Plan& plan);

struct SettingChange {
  std::string source, name;
  std::string was, is;  ///< "not set" where a side does not have it
};

/// What differs, of the sources that both sides have; a source that is new brings cases of its own,
/// and so does a group whose work only one side names.
std::vector<SettingChange> changed_settings(const SourceSettings& before,
                                            const SourceSettings& now);

}  // namespace perfgate
