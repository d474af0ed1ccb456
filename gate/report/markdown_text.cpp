// SPDX-License-Identifier: Apache-2.0
#include "gate/report/markdown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

#include "gate/report/report_columns.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Whether `text` ends in `word`, which is in small ASCII letters; the case of `text` is ignored.
bool ends_in(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.end() - static_cast<std::ptrdiff_t>(word.size()),
                    [](char small, char c) {
                      return small == std::tolower(static_cast<unsigned char>(c));
                    });
}

}  // namespace

std::string inert(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '@':
      case '#':
        // GitHub looks for mentions and issue numbers in the rendered text, so an entity or a
        // backslash is not enough: a zero-width space separates the sign from the name.
        out += fmt::format("&#{};&#8203;", static_cast<int>(c));
        break;
      case '$':
        out += "&#36;";  // prevents a formula
        break;
      case ':':
        out += "&#58;";  // prevents an automatic link
        break;
      case '|':
      case '`':
      case '*':
      case '_':
      case '[':
      case ']':
      case '(':
      case ')':
      case '\\':
      case '~':
      case '!':
        out += '\\';
        out += c;
        break;
      default:
        out += c;
    }
    // GitHub turns "www." into a link, and "GH-1" into a link to an issue.
    if (ends_in(out, "www") || ends_in(out, "gh")) out += "&#8203;";
  }
  return out;
}

namespace {

constexpr std::size_t longest_sentence = 600;  // bytes; ours are below 300

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// Numbers and their unit stay on one line.
std::string unbroken(std::string text) {
  return replaced(std::move(text), " ", "&nbsp;");
}

std::string sentence(std::string_view text) {
  return replaced(inert(clipped(one_line(text), longest_sentence)), " %", "&nbsp;%");
}

/// Begins a line inside of a list item. A word of ours must follow, because text at the beginning
/// of a line could be a heading or a list.
constexpr std::string_view next_line = "  \n  ";

}  // namespace

std::string table_markdown(const TextTable& table) {
  std::string out = fmt::format("**{}**\n\n|", inert(table.title)), line = "|";
  for (const TableColumn& column : table.columns) {
    out += fmt::format(" {} |", inert(column.title));
    line += column.align == Align::left ? " :-- |" : " --: |";
  }
  out += "\n" + line + "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (const std::string& cell : row) out += fmt::format(" {} |", inert(cell));
    out += "\n";
  }
  if (!table.note.empty()) out += fmt::format("\n{}\n", inert(table.note));
  return out + "\n";
}

std::string rows_head() {
  return "| case | change | now | cause |\n| :-- | --: | --: | :-- |\n";
}

std::string row_of(const RowGroup& row) {
  const CaseReport& first = row.first();
  const bool bold = first.verdict() == Verdict::regressed;
  const std::string change = unbroken(change_of(row));
  const std::string now =
      row.folded() || !first.head_s ? "" : unbroken(time_cell(first.head_s) + " µs");
  return fmt::format(
      "| {} {} | {} | {} | {} |\n", verdict_info(first.verdict()).mark, inert(row.title),
      bold && !change.empty() ? fmt::format("**{}**", change) : change, now,
      inert(bold ? headline(first)
                 : fmt::format("{}: {}", verdict_info(first.verdict()).id, headline(first))));
}

std::string why_of(const RowGroup& row) {
  const CaseReport& first = row.first();
  const std::string verdict = fmt::format("{}: ", verdict_info(first.verdict()).id);
  std::string text = fmt::format("- **{}**: ", inert(row.title));
  // "accepted up to ..." need not be called accepted.
  if (names_cause(first) || !first.why.starts_with(verdict_info(first.verdict()).id))
    text += verdict;
  if (names_cause(first)) text += sentence(first.explanation).append(next_line) + "measured: ";
  text += sentence(first.why);
  if (!first.machine_code.empty()) text.append(next_line) += sentence(machine_code_words(first));
  if (row.folded()) text.append(next_line) += fmt::format("in {}", inert(join(folded_names(row))));
  return text + "\n";
}

std::string all_cases_fold(const Report& report) {
  return fmt::format("<details><summary>{}</summary>\n\n",
                     report.cases.size() == 1 ? "The case, with its counters"
                                              : fmt::format("All {}, with their counters",
                                                            count_of(report.cases.size(), "case")));
}

std::string table_head() {
  std::string out = "| case | µs | change % |";
  for (const MetricColumn& column : metric_columns) out += fmt::format(" {} |", column.title);
  out += "\n| :-- | --: | --: |";
  for (std::size_t i = 0; i < metric_columns.size(); ++i) out += " --: |";
  return out + "\n";
}

std::string table_row(const Report& report, const CaseReport& entry) {
  std::string out = fmt::format("| {} {} | {} | {} |", verdict_info(entry.verdict()).mark,
                                inert(entry.id), time_cell(entry.head_s), change_cell(entry));
  for (const MetricColumn& column : metric_columns)
    out += fmt::format(" {} |", metric_cell(report, entry, column));
  return out + "\n";
}

std::string table_notes(const Report& report) {
  std::string out;
  for (const std::string& note : counter_notes(report)) out += fmt::format("\n{}\n", inert(note));
  return out;
}

}  // namespace perfgate
