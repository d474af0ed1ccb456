// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gate/report/markdown_text.h"
#include "gate/report/render.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

void table(std::string& out, const Report& report, bool only_noteworthy) {
  out += table_head();
  for (const CaseReport& entry : report.cases)
    if (!only_noteworthy || entry.verdict() != Verdict::pass) out += table_row(report, entry);
}

}  // namespace

std::string render_markdown(const Report& report) {
  std::string out = fmt::format("### {}\n\n", inert(verdict_sentence(report)));
  if (const auto banner = origin_info(report.origin).banner; !banner.empty())
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
