// SPDX-License-Identifier: Apache-2.0
#include "gate/report/page_template.h"

#include <fmt/format.h>

namespace perfgate {

std::string fill_page(std::string_view page,
                      const std::function<std::string(std::string_view)>& content_of) {
  std::string out;
  for (std::size_t at; (at = page.find("{{")) != std::string_view::npos;) {
    const std::size_t end = page.find("}}", at);
    out.append(page.substr(0, at));
    out += content_of(page.substr(at + 2, end - at - 2));
    page.remove_prefix(end + 2);
  }
  return out.append(page);
}

std::string script_json(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', true)) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

std::string page_policy(const PageFile& script) {
  return fmt::format(
      "default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; style-src 'sha256-{}'; "
      "base-uri 'none'; form-action 'none'",
      script.sha256, chart_js.sha256, page_css.sha256);
}

}  // namespace perfgate
