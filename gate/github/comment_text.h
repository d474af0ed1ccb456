// SPDX-License-Identifier: Apache-2.0
// Writes a report as the text of a comment, a check run or a step summary, within a number of
// bytes. Detail is dropped from the bottom, whole rows at a time, and the text says so: the
// verdict, the cases that did not pass, and the conditions stay.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gate/report/report.h"

namespace perfgate {

/// Where readers find more; each link may be empty.
struct Links {
  std::string run;       ///< the workflow run
  std::string artifact;  ///< the HTML report
};

// GitHub's limits. Where GitHub counts characters, these numbers are kept as bytes: a text has no
// more characters than bytes.
inline constexpr std::size_t comment_bytes = 65536;
inline constexpr std::size_t check_text_bytes = 65535;  ///< summary and text, each
inline constexpr std::size_t check_title_bytes = 255;
inline constexpr std::size_t step_summary_bytes = std::size_t{1} << 20U;  ///< a longer one is lost
inline constexpr std::size_t status_characters = 140;

/// How much of the report a text has.
enum class Extent {
  whole,
  without_table,  ///< without the table of all cases
};

/// GitHub-flavoured Markdown of at most `bytes` bytes (2048 at least): the verdict; the cases that
/// did not pass, regressed cases first, with the reason and the change; a chart; the table of all
/// cases, folded; notes; the conditions; the links.
std::string github_body(const Report& report, const Links& links, std::size_t bytes,
                        Extent extent = Extent::whole);

/// Only the table of all cases.
std::string github_table(const Report& report, std::size_t bytes);

/// Whether `url` can be the target of a link as it stands: it is http or https and has nothing in
/// it that would end the link.
bool is_linkable(std::string_view url);

/// The verdict sentence without "perfgate: ", for titles and descriptions beside that name. Notes
/// do not stand there, so it says whether the commit is all that was measured.
std::string short_sentence(const Report& report);

}  // namespace perfgate
