// SPDX-License-Identifier: Apache-2.0
// A table as a value, and how it is printed in a terminal of any width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

enum class Align { left, right };

struct TableColumn {
  std::string title;
  Align align = Align::right;
};

struct TextTable {
  std::string title;  ///< a line above it; "": none
  std::vector<TableColumn> columns;
  std::vector<std::vector<std::string>> rows;  ///< a cell for each column
  std::string note{};                          ///< a sentence below it; "": none
  bool of_cases = false;  ///< the first column has the ids of cases: group/part
};

/// Returns the table for a terminal, in lines of at most `columns`. Where the ids of cases have no
/// room, a group is a line above its rows, which then have the part. The widest text gives way: a
/// left column keeps its end, and the last one its beginning. Where next to nothing would be left
/// of the last one, it stands in a line of its own below each row.
std::string table_text(const TextTable& table, std::size_t columns);

}  // namespace perfgate
