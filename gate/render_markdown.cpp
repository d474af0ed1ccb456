#include <fmt/format.h>

#include "columns.h"
#include "render.h"
#include "words.h"

namespace perfgate {

namespace {

/// Text from a kernel name, a log or a file, made inert: no markup, no mention, no link, one line.
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
        // backslash is not enough: a zero-width space parts the sign from the name.
        out += fmt::format("&#{};&#8203;", static_cast<int>(c));
        break;
      case '$':
        out += "&#36;";  // no formula
        break;
      case ':':
        out += "&#58;";  // no automatic link
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
    // "www." becomes a link all by itself.
    if (out.ends_with("www") || out.ends_with("WWW")) out += "&#8203;";
  }
  return out;
}

void table(std::string& out, const Report& report, bool only_noteworthy) {
  out += "| case | µs | base µs | change % |";
  for (const MetricColumn& column : metric_columns) out += fmt::format(" {} |", column.title);
  out += " verdict | reason |\n| :-- | --: | --: | --: |";
  for (std::size_t i = 0; i < metric_columns.size(); ++i) out += " --: |";
  out += " :-- | :-- |\n";
  for (const CaseReport& one : report.cases) {
    if (only_noteworthy && one.verdict() == Verdict::pass) continue;
    out += fmt::format("| {} | {} | {} | {} |", inert(one.id), time_cell(one.head_s),
                       time_cell(one.base_s), change_cell(one));
    for (const MetricColumn& column : metric_columns)
      out += fmt::format(" {} |", metric_cell(report, one, column));
    const bool explained = one.verdict() != Verdict::pass && !one.explanation.empty();
    out += fmt::format(" {} | {}{} |\n", verdict_info(one.verdict()).id, inert(one.why),
                       explained ? fmt::format(". Why: {}", inert(one.explanation)) : "");
  }
}

}  // namespace

std::string render_markdown(const Report& report) {
  std::string out = fmt::format("### {}\n\n", inert(verdict_sentence(report)));
  if (const auto banner = source_banner(report.source); !banner.empty())
    out += fmt::format("> **{}**\n\n", banner);
  if (report.count(Verdict::pass) < report.cases.size()) {
    table(out, report, true);
    out += '\n';
  }
  for (const std::string& note : report.notes) out += fmt::format("- {}\n", inert(note));
  if (!report.notes.empty()) out += '\n';
  out +=
      fmt::format("<details><summary>All {}</summary>\n\n", count_of(report.cases.size(), "case"));
  table(out, report, false);
  out += fmt::format("\n</details>\n\nrun: {}  \nbaseline: {}\n", inert(report.conditions),
                     inert(report.against));
  return out;
}

}  // namespace perfgate
