// SPDX-License-Identifier: Apache-2.0
// What `perfgate profile` shows of each group of cases: the tables of nsys and ncu, without a
// verdict.
#pragma once

#include <string>
#include <vector>

#include "gate/report/report.h"
#include "gate/util/text_table.h"

namespace perfgate {

struct ProfileGroup {
  std::string title;  ///< the group, how it is launched, how long it takes
  std::vector<TextTable> tables;
};

/// A group for each of the report's, in its order: its cases with their time, share, counters and
/// launch; the kernel summary and the timeline, where the run has one; roofline, bytes between the
/// levels of memory, and stalls, where they were counted.
std::vector<ProfileGroup> profile_groups(const Report& report);

/// Returns the report of a profile for terminals; it ends with the sentence.
std::string profile_text(const Report& report, std::size_t columns);

/// Returns the same tables in Markdown, folded by group.
std::string profile_markdown(const Report& report);

}  // namespace perfgate
