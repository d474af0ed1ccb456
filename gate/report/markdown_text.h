// SPDX-License-Identifier: Apache-2.0
// Building blocks for Markdown: text that stays text, and the rows of a case.
#pragma once

#include <string>
#include <string_view>

#include "gate/report/report.h"
#include "gate/report/row_groups.h"
#include "gate/util/text_table.h"

namespace perfgate {

/// Makes text from a kernel name, a log or a file inert: no markup, no mention, no link, one line.
std::string inert(std::string_view text);

/// Returns the table in GitHub's Markdown, below its title.
std::string table_markdown(const TextTable& table);

/// Returns the two head lines of the table of what did not pass, and a row of it: the case with its
/// verdict's mark, the change, the time now, the cause. Each fits a line of a pull request's page.
std::string rows_head();
std::string row_of(const RowGroup& row);

/// Returns a list item: why the cases of a row changed, and the numbers of their verdict.
std::string why_of(const RowGroup& row);

/// Returns what opens the fold that holds the table of all cases.
std::string all_cases_fold(const Report& report);

/// Returns the two head lines of the table of all cases with their counters, a case's row in it,
/// and what the table's reader must know, each note a paragraph.
std::string table_head();
std::string table_row(const Report& report, const CaseReport& entry);
std::string table_notes(const Report& report);

}  // namespace perfgate
