// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gate/report/markdown_text.h"
#include "gate/report/profile_tables.h"
#include "gate/report/render.h"
#include "gate/report/report_columns.h"
#include "gate/util/text.h"

namespace perfgate {

std::string render_markdown(const Report& report) {
  if (report.origin == Origin::profile) return profile_markdown(report);
  std::string out = fmt::format("### {}\n\n", inert(verdict_sentence(report)));
  if (const auto banner = origin_info(report.origin).banner; !banner.empty())
    out += fmt::format("> **{}**\n\n", banner);
  if (const std::vector<RowGroup> rows = noteworthy_rows(report); !rows.empty()) {
    out += rows_head();
    for (const RowGroup& row : rows) out += row_of(row);
    out += '\n';
    for (const RowGroup& row : rows) out += why_of(row);
    out += '\n';
  }
  for (const std::string& note : report.notes) out += fmt::format("- {}\n", inert(note));
  if (!report.notes.empty()) out += '\n';
  out += all_cases_fold(report) + table_head();
  for (const CaseReport& entry : report.cases) out += table_row(report, entry);
  out += table_notes(report);
  out += fmt::format("\n</details>\n\nrun: {}  \nbaseline: {}\n", inert(report.conditions),
                     inert(report.against));
  return out;
}

}  // namespace perfgate
