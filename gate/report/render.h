// Report -> bytes. One pure function a format; each is tested as a whole output.
#pragma once

#include <string>

#include "gate/report/report.h"

namespace perfgate {

enum class Color { yes, no };
enum class Detail { full, quiet };

/// A table for terminals, one row a case; ends with the verdict sentence. Quiet: the sentence only,
/// after the rows that did not pass.
std::string render_text(const Report& report, Detail detail, Color color);

/// The whole chain of evidence behind the verdict on one case, for terminals: every value that was
/// compared, the statistics, the limits and where they come from.
std::string render_evidence(const Report& report, const CaseReport& one);

/// GitHub-flavoured Markdown: verdict, what did not pass, the full table folded.
std::string render_markdown(const Report& report);

/// One page that needs no network: the verdict, all cases, and each case's evidence.
std::string render_html(const Report& report);

/// The steps of the run in the Trace Event format, for Perfetto and chrome://tracing: a process a
/// group; repetitions, parts, kernels and the CPU's calls a thread each. Without a timeline in the
/// record it has no events.
std::string render_trace(const Report& report);

/// JUnit XML for other CI systems.
std::string render_junit(const Report& report);

/// The result file (docs/formats.md): JSON in SI units.
std::string render_json(const Report& report);

}  // namespace perfgate
