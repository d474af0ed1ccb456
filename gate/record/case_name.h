// SPDX-License-Identifier: Apache-2.0
// What a plan and a result both say of a case: which it is, and what it is made of.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gate/util/json_object.h"

namespace perfgate {

inline constexpr std::size_t longest_case_id = 400;  ///< bytes

struct CaseName {
  std::string id, group, part;
  std::vector<std::string> whole_of;
};

/// Reads `group`, `part` and `whole_of`. Throws UsageError for an empty name, an id longer
/// than longest_case_id, and a case that is made of itself or of another one twice.
CaseName read_case_name(JsonObject& json);

}  // namespace perfgate
