// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "gate/report/profile_tables.h"
#include "gate/report/render.h"
#include "gate/report/report_columns.h"
#include "gate/report/row_groups.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t verdict_width = 12, most_change = 17, most_cause = 22;
constexpr std::size_t indent = verdict_width + 1;  // the cases' column
constexpr std::size_t narrowest_case = 20;

std::string painted(std::string_view text, std::string_view color, Color on) {
  return on == Color::yes ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : std::string(text);
}

/// `text` in a column. fmt counts the width of a character otherwise than a terminal's user.
std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, columns_of(text)), ' ');
}

std::string padded_left(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, columns_of(text)), ' ') + std::string(text);
}

/// Text below a row, in the cases' column.
std::string below(std::string_view text, std::size_t columns) {
  return wrapped(std::string(indent, ' ') + one_line(text), columns, 0) + "\n";
}

/// The rows of what did not pass.
class Rows {
 public:
  Rows(const Report& report, const TextStyle& style)
      : m_rows(noteworthy_rows(report)), m_style(style) {
    for (const RowGroup& row : m_rows) {
      m_case = std::max(m_case, columns_of(one_line(row.title)));
      m_change = std::max(m_change, columns_of(change_of(row)));
      m_time = std::max(m_time, columns_of(time_of(row)));
      m_cause = std::max(m_cause, columns_of(headline(row.first())));
    }
    m_change = std::min(m_change, most_change);
    m_cause = std::min(m_cause, most_cause);
    const std::size_t others = indent + 1 + m_change + 1 + m_time + 2 + m_cause;
    m_case =
        std::min(m_case, std::max(narrowest_case, style.columns - std::min(style.columns, others)));
  }

  std::string text() const {
    if (m_rows.empty()) return "";
    std::string out =
        fmt::format("{} {} {} {}  {}\n", padded("verdict", verdict_width), padded("case", m_case),
                    padded_left("change", m_change), padded_left("now us", m_time), "cause");
    for (const RowGroup& row : m_rows) out += text_of(row);
    return out + "\n";
  }

 private:
  static std::string time_of(const RowGroup& row) {
    return row.folded() ? "" : time_cell(row.first().head_s);
  }

  std::string text_of(const RowGroup& row) const {
    const CaseReport& first = row.first();
    const VerdictInfo& verdict = verdict_info(first.verdict());
    std::string out = fmt::format(
        "{} {} {} {}  {}\n",
        painted(padded(verdict.id, verdict_width), verdict.color, m_style.color),
        padded(end_of(one_line(row.title), m_case), m_case), padded_left(change_of(row), m_change),
        padded_left(time_of(row), m_time), headline(first));
    // The cause comes before the statistics.
    if (names_cause(first)) out += below(first.explanation, m_style.columns);
    out += below(first.why, m_style.columns);
    if (!first.machine_code.empty()) out += below(machine_code_words(first), m_style.columns);
    if (row.folded()) out += below("in " + join(folded_names(row)), m_style.columns);
    return out;
  }

  std::vector<RowGroup> m_rows;
  TextStyle m_style;
  std::size_t m_case = 4, m_change = 6, m_time = 6, m_cause = 5;
};

/// Returns ", 1 not confirmed": what passed for another reason than that nothing was seen.
std::string other_reasons(const std::vector<const CaseReport*>& cases) {
  std::string words;
  for (const ReasonInfo& info : reasons) {
    if (info.reason == Reason::within_tolerance || info.reason == Reason::not_flagged) continue;
    const auto count = std::count_if(cases.begin(), cases.end(), [&](const CaseReport* entry) {
      return entry->reason == info.reason;
    });
    if (count > 0) words += fmt::format(", {} {}", count, info.title);
  }
  return words;
}

std::string passed_lines(const Report& report, const TextStyle& style) {
  std::string out;
  const VerdictInfo& pass = verdict_info(Verdict::pass);
  for (const PassedGroup& group : passed_groups(report)) {
    const std::string range = change_range(group.cases);
    std::string line = fmt::format("{} {}: {}{}{}{}", padded(pass.id, verdict_width),
                                   one_line(group.group), count_of(group.cases.size(), "case"),
                                   range.empty() ? "" : ", ", range, other_reasons(group.cases));
    line = wrapped(line, style.columns, indent);
    if (style.color == Color::yes)
      line.replace(0, pass.id.size(), painted(pass.id, pass.color, style.color));
    out += line + "\n";
  }
  return out.empty() ? "" : out + "\n";
}

/// Every case with its counters, a table for each group.
std::string all_cases(const Report& report, const TextStyle& style) {
  constexpr std::size_t number_width = 9, counter_width = 8, mark_width = 2;
  constexpr std::size_t numbers =
      2 * (1 + number_width) + metric_columns.size() * (1 + counter_width);
  std::size_t width = 4;
  for (const CaseReport& entry : report.cases)
    width = std::max(width, columns_of(one_line(entry.part)));
  width = std::min(width, std::max(narrowest_case,
                                   style.columns - std::min(style.columns, mark_width + numbers)));
  std::string out;
  std::string_view group;
  for (const CaseReport& entry : report.cases) {
    if (entry.group != group || out.empty()) {
      group = entry.group;
      out += wrapped(one_line(group), style.columns) + "\n";
      out += fmt::format("{} {} {}", std::string(mark_width + width, ' '),
                         padded_left("us", number_width), padded_left("change %", number_width));
      for (const MetricColumn& column : metric_columns)
        out += fmt::format(" {}", padded_left(column.title, counter_width));
      out += "\n";
    }
    const VerdictInfo& verdict = verdict_info(entry.verdict());
    out += fmt::format("{} {} {} {}", painted(verdict.mark, verdict.color, style.color),
                       padded(end_of(one_line(entry.part), width), width),
                       padded_left(time_cell(entry.head_s), number_width),
                       padded_left(change_cell(entry), number_width));
    for (const MetricColumn& column : metric_columns)
      out += fmt::format(" {}", padded_left(metric_cell(report, entry, column), counter_width));
    out += "\n";
  }
  for (const std::string& note : counter_notes(report))
    out += "\n" + wrapped(note, style.columns) + "\n";
  return out + "\n";
}

std::string_view sentence_color(ExitCode code) {
  switch (code) {
    case ExitCode::pass:
      return "1;32";
    case ExitCode::regressed:
      return "1;31";
    default:
      return "1;33";
  }
}

}  // namespace

std::string render_text(const Report& report, const TextStyle& style) {
  if (report.origin == Origin::profile) return profile_text(report, style.columns);
  std::string out;
  if (const auto banner = origin_info(report.origin).banner; !banner.empty())
    out += fmt::format("{}\n", wrapped(banner, style.columns));
  if (style.detail != Detail::quiet)
    out += fmt::format(
        "{}\n{}\n\n",
        wrapped(fmt::format("run      {}", one_line(report.conditions)), style.columns, 9),
        wrapped(fmt::format("baseline {}", one_line(report.against)), style.columns, 9));
  out += Rows(report, style).text();
  if (style.detail != Detail::quiet) out += passed_lines(report, style);
  if (style.detail == Detail::all) out += all_cases(report, style);
  for (const std::string& note : report.notes)
    out += wrapped(fmt::format("note: {}", one_line(note)), style.columns, 6) + "\n";
  // A terminal that is too narrow for a table breaks its rows. The last line is one sentence:
  // programs read it, so it is never broken.
  return wrapped(out, style.columns) +
         painted(one_line(verdict_sentence(report)), sentence_color(report.exit_code),
                 style.color) +
         "\n";
}

}  // namespace perfgate
