// SPDX-License-Identifier: Apache-2.0
// Building blocks for Markdown: text that stays text, and the rows of a case.
#pragma once

#include <string>
#include <string_view>

#include "gate/report/report.h"

namespace perfgate {

/// Makes text from a kernel name, a log or a file inert: no markup, no mention, no link, one line.
std::string inert(std::string_view text);

/// Returns the two head lines of the table with every column, and a case's row in it. A reason that
/// is too long to read is cut.
std::string table_head();
std::string table_row(const Report& report, const CaseReport& entry);

/// Returns why a case has its verdict, and why its duration changed: inert, one cell.
std::string reason_cell(const CaseReport& entry);

}  // namespace perfgate
