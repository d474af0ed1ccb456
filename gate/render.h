// Report -> bytes. One pure function a format; each is tested as a whole output.
#pragma once

#include <string>

#include "report.h"

namespace perfgate {

enum class Color { yes, no };
enum class Detail { full, quiet };

/// A table for terminals, one row a case; ends with the verdict sentence. Quiet: the sentence only,
/// after the rows that did not pass.
std::string render_text(const Report& report, Detail detail, Color color);

/// GitHub-flavoured Markdown: verdict, what did not pass, the full table folded.
std::string render_markdown(const Report& report);

/// One page that needs no network: the verdict, all cases, and each case's evidence.
std::string render_html(const Report& report);

/// JUnit XML for other CI systems.
std::string render_junit(const Report& report);

/// The result file (docs/formats.md): JSON in SI units.
std::string render_json(const Report& report);

}  // namespace perfgate
