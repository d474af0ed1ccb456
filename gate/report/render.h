// SPDX-License-Identifier: Apache-2.0
// Renders a report to bytes: one pure function per format, each tested as a whole output.
#pragma once

#include <string>

#include "gate/report/report.h"
#include "gate/util/color.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

enum class Detail {
  quiet,   ///< only what did not pass
  folded,  ///< the cases that passed: one line a group
  all,     ///< and then a table of every case with its counters
};

struct TextStyle {
  Detail detail = Detail::folded;
  Color color = Color::no;
  std::size_t columns = default_columns;  ///< no line is longer
};

/// Returns the report for terminals, the worst first; it ends with the verdict sentence.
std::string render_text(const Report& report, const TextStyle& style);

/// Returns the whole chain of evidence behind the verdict on one case, for terminals: every value
/// that was compared, the statistics, the limits and their sources.
std::string render_evidence(const Report& report, const CaseReport& entry);

/// Returns GitHub-flavoured Markdown: verdict, what did not pass, the full table folded.
std::string render_markdown(const Report& report);

/// Returns one page that needs no network: the verdict, all cases, and each case's evidence.
std::string render_html(const Report& report);

/// Returns the steps of the run in the Trace Event format, for Perfetto and chrome://tracing: each
/// group is a process; its repetitions, parts, kernels and CPU calls are threads. Without a
/// timeline in the record it has no events.
std::string render_trace(const Report& report);

/// Returns JUnit XML for other CI systems.
std::string render_junit(const Report& report);

/// Returns the result file (docs/formats.md): JSON in SI units.
std::string render_json(const Report& report);

}  // namespace perfgate
