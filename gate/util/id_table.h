// SPDX-License-Identifier: Apache-2.0
// A closed set is one table whose rows have an `id`. What every reader of such an id needs: the
// row, or one sentence that says what is known and which of it was probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// The row with this id; nullptr when the table has none.
template <class Table>
auto find_by_id(const Table& table, std::string_view id) -> decltype(&table[0]) {
  for (const auto& row : table)
    if (row.id == id) return &row;
  return nullptr;
}

template <class Table>
std::vector<std::string> ids_of(const Table& table) {
  std::vector<std::string> ids;
  for (const auto& row : table) ids.emplace_back(row.id);
  return ids;
}

/// "unknown 'x' (did you mean 'y'?); known: a, b". `id` may come from outside: it is clipped and
/// made printable.
std::string unknown_id(std::string_view id, const std::vector<std::string>& known);

/// The row that the value of `key` names. `reader` is a JsonObject or a TomlTable: its fail()
/// throws the sentence with the document and the key.
template <class Table, class Reader, class Key>
const auto& choose(const Table& table, Reader& reader, const Key& key) {
  const std::string id = reader.string(key);
  const auto* row = find_by_id(table, id);
  if (!row) reader.fail(key, unknown_id(id, ids_of(table)));
  return *row;
}

}  // namespace perfgate
