// SPDX-License-Identifier: Apache-2.0
// The parts of the HTML pages, from gate/report/page/ and gate/history/page/, and Chart.js, as
// cmake/Embed.cmake embedded them.
#pragma once

#include <string_view>

namespace perfgate {

struct PageFile {
  std::string_view text;
  std::string_view sha256;  ///< base64, as a Content-Security-Policy expects it
};

extern const PageFile page_html, page_css, page_js;
extern const PageFile history_html, history_js;  ///< of the history's page, with the same style
extern const PageFile chart_js;                  ///< its text is empty if the build had no Chart.js

}  // namespace perfgate
