// SPDX-License-Identifier: Apache-2.0
// The row of a closed set that the value of an option names.
#pragma once

#include <fmt/format.h>

#include <string>

#include "gate/util/error.h"
#include "gate/util/id_table.h"

namespace perfgate {

/// Throws UsageError with a did-you-mean for a value that no row has.
template <class Table>
const auto& chosen(const char* option, const Table& table, const std::string& id) {
  const auto* row = find_by_id(table, id);
  if (!row) throw UsageError(fmt::format("{}: {}", option, unknown_id(id, ids_of(table))));
  return *row;
}

}  // namespace perfgate
