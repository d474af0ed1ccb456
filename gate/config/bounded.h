// SPDX-License-Identifier: Apache-2.0
// Reads numbers of the config that must lie in a range; a number outside is refused by name.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "gate/util/toml_table.h"

namespace perfgate {

inline std::int64_t integer_in(TomlTable& table, std::string_view key, std::int64_t low,
                               std::int64_t high) {
  const std::int64_t value = table.integer(key);
  if (value < low || value > high)
    table.fail(key, fmt::format("{} is outside {} to {}", value, low, high));
  return value;
}

inline int small_integer(TomlTable& table, std::string_view key, int low, int high) {
  return static_cast<int>(integer_in(table, key, low, high));
}

inline double number_in(TomlTable& table, std::string_view key, double low, double high) {
  const double value = table.number(key);
  if (!(value >= low && value <= high))
    table.fail(key, fmt::format("{} is outside {} to {}", value, low, high));
  return value;
}

}  // namespace perfgate
