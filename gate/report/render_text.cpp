// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "gate/report/render.h"
#include "gate/report/report_columns.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

std::string painted(std::string_view text, std::string_view color, Color on) {
  return on == Color::yes ? fmt::format("\x1b[{}m{}\x1b[0m", color, text) : std::string(text);
}

bool wanted(const CaseReport& entry, Detail detail) {
  return detail == Detail::full || entry.verdict() != Verdict::pass;
}

std::string row(const Report& report, const CaseReport& entry, std::size_t width, Color color) {
  std::string out =
      fmt::format("{:<{}} {:>9} {:>9} {:>8}", one_line(entry.id), width, time_cell(entry.head_s),
                  time_cell(entry.base_s), change_cell(entry));
  for (const MetricColumn& column : metric_columns)
    out += fmt::format(" {:>8}", metric_cell(report, entry, column));
  const std::string verdict = fmt::format("{:<12}", verdict_info(entry.verdict()).id);
  out =
      fmt::format("{}  {} {}\n", out, painted(verdict, verdict_info(entry.verdict()).color, color),
                  one_line(entry.why));
  // An unchanged case needs no explanation.
  if (entry.verdict() != Verdict::pass && !entry.explanation.empty())
    out += fmt::format("    why: {}\n", one_line(entry.explanation));
  return out;
}

}  // namespace

std::string render_text(const Report& report, Detail detail, Color color) {
  std::string out;
  if (const auto banner = origin_info(report.origin).banner; !banner.empty())
    out += fmt::format("{}\n", banner);
  if (detail == Detail::full)
    out += fmt::format("run      {}\nbaseline {}\n\n", one_line(report.conditions),
                       one_line(report.against));
  std::size_t width = 4;
  for (const CaseReport& entry : report.cases) width = std::max(width, entry.id.size());
  bool header = false;
  for (const CaseReport& entry : report.cases) {
    if (!wanted(entry, detail)) continue;
    if (!header) {
      out += fmt::format("{:<{}} {:>9} {:>9} {:>8}", "case", width, "us", "base us", "change %");
      for (const MetricColumn& column : metric_columns) out += fmt::format(" {:>8}", column.title);
      out += "  verdict      reason\n";
      header = true;
    }
    out += row(report, entry, width, color);
  }
  if (header) out += "\n";
  for (const std::string& note : report.notes) out += fmt::format("note: {}\n", one_line(note));
  const std::string_view paint = report.exit_code == ExitCode::pass        ? "1;32"
                                 : report.exit_code == ExitCode::regressed ? "1;31"
                                                                           : "1;33";
  out += painted(one_line(verdict_sentence(report)), paint, color) + "\n";
  return out;
}

}  // namespace perfgate
