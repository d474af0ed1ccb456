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

/// Numbers and their unit stay on one line.
std::string unbroken(std::string text) {
  for (std::size_t at; (at = text.find(' ')) != std::string::npos;) text.replace(at, 1, "&nbsp;");
  return text;
}

std::string sentence(std::string_view text) {
  return inert(clipped(one_line(text), longest_sentence));
}

}  // namespace

std::string rows_head() {
  return "| case | change | now | cause |\n| :-- | --: | --: | :-- |\n";
}

std::string row_of(const RowGroup& row) {
  const CaseReport& first = row.first();
  const bool bold = first.verdict() == Verdict::regressed;
  const std::string change = unbroken(change_of(row));
  const std::string now =
      row.folded() || !first.head_s ? "" : unbroken(time_cell(first.head_s) + " µs");
  return fmt::format("| {} {} | {} | {} | {} |\n", verdict_info(first.verdict()).mark,
                     inert(row.title),
                     bold && !change.empty() ? fmt::format("**{}**", change) : change, now,
                     inert(headline(first)));
}

std::string why_of(const RowGroup& row) {
  const CaseReport& first = row.first();
  std::string text =
      fmt::format("- **{}**: {}: ", inert(row.title), verdict_info(first.verdict()).id);
  if (first.change && first.cause != Cause::none) text += sentence(first.explanation) + ". ";
  text += sentence(first.why);
  if (!first.machine_code.empty()) text += ". " + sentence(machine_code_words(first));
  if (row.folded()) text += fmt::format(". In {}", inert(join(folded_names(row))));
  return text + "\n";
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

}  // namespace perfgate
