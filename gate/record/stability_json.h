// SPDX-License-Identifier: Apache-2.0
// How well each metric of a case repeats, as it stands in files: the ids of the exact and of the
// near ones as two lists, because a list of names reads better in a diff than a mark beside each
// number. Metrics in neither list are noisy; without the lists it is unknown.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "gate/record/metric.h"
#include "gate/util/text.h"

namespace perfgate {

/// The classes that have a list.
inline constexpr std::array listed_stabilities{Stability::exact, Stability::near};

inline std::string stability_id(Stability stability) {
  return std::string(stabilities[static_cast<std::size_t>(stability)].id);
}

inline std::vector<std::string> ids_that_are(Stability stability, const Stabilities& all) {
  std::vector<std::string> ids;
  for (const auto& [id, found] : all)
    if (found == stability) ids.push_back(id);
  return ids;
}

/// Reads the lists from a JsonObject or a TomlTable; empty when they are absent. Throws UsageError
/// for an id without a value, or one that is listed twice.
template <class Table>
Stabilities read_stabilities(Table& table, const std::map<std::string, double>& values) {
  Stabilities out;
  bool any = false;
  for (const Stability listed : listed_stabilities) any = any || table.has(stability_id(listed));
  if (!any) return out;
  for (const auto& [id, value] : values) out[id] = Stability::noisy;
  for (const Stability listed : listed_stabilities) {
    const std::string key = stability_id(listed);
    for (const std::string& id : table.strings(key)) {
      const auto found = out.find(id);
      if (found == out.end()) table.fail(key, fmt::format("'{}' has no value", printable(id)));
      if (found->second != Stability::noisy)
        table.fail(key, fmt::format("'{}' is listed twice", printable(id)));
      found->second = listed;
    }
  }
  return out;
}

}  // namespace perfgate
