// SPDX-License-Identifier: Apache-2.0
// Comma-separated values as RFC 4180 has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// Splits a text into records of fields. A field in quotes may hold commas, line ends and doubled
/// quotes. Returns nothing when a quote is never closed. Empty lines are left out.
std::optional<std::vector<std::vector<std::string>>> parse_csv(std::string_view text);

}  // namespace perfgate
