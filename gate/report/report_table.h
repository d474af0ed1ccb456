// SPDX-License-Identifier: Apache-2.0
// A table as a value: text and Markdown print the same ones.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

enum class Align { left, right };

struct ReportColumn {
  std::string title;
  Align align = Align::right;
};

struct ReportTable {
  std::string title;
  std::vector<ReportColumn> columns;
  std::vector<std::vector<std::string>> rows;  ///< a cell for each column
  std::string note{};                          ///< a sentence below it; "": none
};

/// Returns the table for a terminal, in lines of at most `columns`. The widest text gives way: a
/// left column keeps its end, and the last one its beginning. Where next to nothing would be left
/// of the last one, it stands in a line of its own below each row.
std::string table_text(const ReportTable& table, std::size_t columns);

/// Returns the table in GitHub's Markdown, below its title.
std::string table_markdown(const ReportTable& table);

}  // namespace perfgate
