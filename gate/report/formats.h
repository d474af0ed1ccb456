// SPDX-License-Identifier: Apache-2.0
// The formats that a report can be written in besides the table for terminals: one row each. The
// options, the files, the checks and the step's outputs all come from this table.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "gate/report/render.h"

namespace perfgate {

/// What a format shows, in rising order. A result file keeps less than its run.
enum class FormatNeeds { result, run, timeline };

struct Format {
  std::string_view id;  ///< the option's name: --json
  std::string_view meaning;
  FormatNeeds needs;
  std::string (*render)(const Report&);
};

inline constexpr std::array<Format, 5> formats{{
    {"json", "write the result as JSON (docs/formats.md)", FormatNeeds::result, render_json},
    {"markdown", "write the report as GitHub's Markdown", FormatNeeds::result, render_markdown},
    {"junit", "write the report as JUnit XML", FormatNeeds::result, render_junit},
    {"html", "write the report as one page that opens offline", FormatNeeds::run, render_html},
    {"trace", "write one step as a trace for Perfetto, chrome://tracing", FormatNeeds::timeline,
     render_trace},
}};

/// The formats of a report without verdicts: a result is for what judges, posts and keeps it.
inline constexpr std::span<const Format> judging_nothing = std::span(formats).subspan<1>();
static_assert(formats.front().id == "json");

}  // namespace perfgate
