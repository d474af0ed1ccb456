// SPDX-License-Identifier: Apache-2.0
// The page is a template with placeholders; their content is either perfgate's own or made inert.
// The browser gets a policy that runs only the scripts that the page was built with: text that
// became markup by mistake could still do nothing, and nothing can be loaded or sent.
#include <fmt/format.h>

#include "gate/report/page_data.h"
#include "gate/report/page_files.h"
#include "gate/report/render.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns JSON for a script element: without '<' it cannot end the element or begin a comment. It
/// is pure ASCII, because browsers decode that several times faster.
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

std::string policy() {
  return fmt::format(
      "default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; style-src 'sha256-{}'; "
      "base-uri 'none'; form-action 'none'",
      page_js.sha256, chart_js.sha256, page_css.sha256);
}

std::string_view outcome_of(ExitCode code) {
  switch (code) {
    case ExitCode::pass:
      return "pass";
    case ExitCode::regressed:
      return "fail";
    default:
      return "none";
  }
}

std::string banner_of(Origin origin) {
  const std::string_view banner = origin_info(origin).banner;
  return banner.empty() ? "" : fmt::format("<p class=\"banner\">{}</p>", markup_text(banner));
}

/// Returns the content for a placeholder of the template.
std::string content_of(std::string_view place, const Report& report) {
  if (place == "policy") return policy();
  if (place == "style") return std::string(page_css.text);
  if (place == "charts") return std::string(chart_js.text);
  if (place == "script") return std::string(page_js.text);
  if (place == "data") return script_json(page_data(report));
  if (place == "title") return markup_text(verdict_sentence(report));
  if (place == "sentence") return markup_text(verdict_sentence(report));
  if (place == "word") return std::string(verdict_word(report.exit_code));
  if (place == "outcome") return std::string(outcome_of(report.exit_code));
  if (place == "gpu") return markup_text(report.gpu_name);
  if (place == "banner") return banner_of(report.origin);
  if (place == "conditions") return markup_text(report.conditions);
  if (place == "against") return markup_text(report.against);
  if (place == "version") return markup_text(report.perfgate);
  return "";
}

}  // namespace

std::string render_html(const Report& report) {
  std::string out;
  std::string_view rest = page_html.text;
  // One pass over the template: inserted text is never scanned again.
  for (std::size_t at; (at = rest.find("{{")) != std::string_view::npos;) {
    const std::size_t end = rest.find("}}", at);
    out.append(rest.substr(0, at));
    out += content_of(rest.substr(at + 2, end - at - 2), report);
    rest.remove_prefix(end + 2);
  }
  return out.append(rest);
}

}  // namespace perfgate
