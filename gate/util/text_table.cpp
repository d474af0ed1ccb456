// SPDX-License-Identifier: Apache-2.0
#include "gate/util/text_table.h"

#include <algorithm>
#include <optional>

#include "gate/util/text.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

constexpr std::size_t narrowest_column = 12;  // of a column that gives way
constexpr std::size_t narrowest_last = 24;    // of the last one, else it goes below
constexpr std::size_t indent_below = 4;
constexpr std::string_view column_gap = " ";

std::vector<std::size_t> widths_of(const TextTable& table, std::size_t columns) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    widths.push_back(columns_of(table.columns[i].title));
    for (const auto& row : table.rows)
      widths[i] = std::max(widths[i], columns_of(one_line(row[i])));
  }
  std::size_t all = column_gap.size() * (widths.size() - 1);
  for (const std::size_t width : widths) all += width;
  // The last column gives way first, because it is the longest text; then the others from the left.
  for (std::size_t step = 0; step < widths.size() && all > columns; ++step) {
    const std::size_t i = step == 0 ? widths.size() - 1 : step - 1;
    if (table.columns[i].align == Align::right || widths[i] <= narrowest_column) continue;
    const std::size_t less = std::min(widths[i] - narrowest_column, all - columns);
    widths[i] -= less;
    all -= less;
  }
  return widths;
}

/// The table without its last column, where that is a text for which `columns` have no room.
std::optional<TextTable> without_last(const TextTable& table, std::size_t columns) {
  const std::size_t last = table.columns.size() - 1;
  if (last == 0 || table.columns[last].align == Align::right) return std::nullopt;
  const std::vector<std::size_t> natural = widths_of(table, std::string::npos),
                                 given = widths_of(table, columns);
  if (given[last] >= std::min(natural[last], narrowest_last)) return std::nullopt;
  TextTable out = table;
  out.columns.pop_back();
  for (auto& row : out.rows) row.pop_back();
  return out;
}

std::string cut_cell(const std::string& text, std::size_t width, bool keeps_end) {
  if (columns_of(text) <= width) return text;
  return keeps_end ? end_of(text, width) : clipped_characters(text, width);
}

std::string line_of(const std::vector<std::string>& cells, const TextTable& table,
                    const std::vector<std::size_t>& widths) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool last = i + 1 == cells.size();
    const std::string cell = cut_cell(one_line(cells[i]), widths[i], !last);
    const std::string space(widths[i] - std::min(widths[i], columns_of(cell)), ' ');
    const bool left = table.columns[i].align == Align::left;
    out += left ? cell + (last ? "" : space) : space + cell;
    if (!last) out += column_gap;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

/// Returns the group of a case's id, "" for a name that has none.
std::string_view group_of_id(std::string_view id) {
  const std::size_t slash = id.rfind('/');
  return slash == std::string_view::npos ? "" : id.substr(0, slash);
}

/// The table with parts instead of ids.
TextTable of_parts(TextTable table) {
  for (auto& row : table.rows)
    if (const std::size_t group = group_of_id(row.front()).size(); group > 0)
      row.front().erase(0, group + 1);
  return table;
}

/// Whether each id fits into the width that it is given.
bool has_room_for_ids(const TextTable& table, std::size_t columns) {
  return widths_of(table, columns).front() == widths_of(table, std::string::npos).front();
}

std::vector<std::string> titles_of(const TextTable& table) {
  std::vector<std::string> titles;
  for (const TableColumn& column : table.columns) titles.push_back(column.title);
  return titles;
}

}  // namespace

std::string table_text(const TextTable& table, std::size_t columns) {
  const bool grouped = table.of_cases && !has_room_for_ids(table, columns);
  const TextTable named = grouped ? of_parts(table) : table;
  const std::optional<TextTable> narrower = without_last(named, columns);
  const TextTable& shown = narrower ? *narrower : named;
  const std::vector<std::size_t> widths = widths_of(shown, columns);
  const auto below = [&](const std::string& cell) {
    return narrower ? std::string(indent_below, ' ') +
                          cut_cell(one_line(cell), columns - indent_below, false) + "\n"
                    : "";
  };
  std::string out = table.title.empty() ? "" : wrapped(one_line(table.title), columns) + "\n";
  out += line_of(titles_of(shown), shown, widths) + below(table.columns.back().title);
  std::string_view group;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (const std::string_view next = group_of_id(table.rows[i].front());
        grouped && next != group) {
      group = next;
      out += cut_cell(one_line(group), columns, true) + "\n";
    }
    out += line_of(shown.rows[i], shown, widths) + below(table.rows[i].back());
  }
  if (!table.note.empty()) out += wrapped(one_line(table.note), columns) + "\n";
  return out;
}

}  // namespace perfgate
