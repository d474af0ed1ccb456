// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "gate/report/page_data.h"
#include "gate/report/page_files.h"
#include "gate/report/page_template.h"
#include "gate/report/render.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

std::string_view outcome_of(const Report& report) {
  switch (report.exit_code) {
    case ExitCode::pass:
      return report.origin == Origin::profile ? "none" : "pass";
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
  if (place == "policy") return page_policy(page_js);
  if (place == "style") return std::string(page_css.text);
  if (place == "charts") return std::string(chart_js.text);
  if (place == "script") return std::string(page_js.text);
  if (place == "data") return script_json(page_data(report));
  if (place == "title") return markup_text(verdict_sentence(report));
  if (place == "sentence") return markup_text(verdict_sentence(report));
  if (place == "word") return std::string(headword(report));
  if (place == "outcome") return std::string(outcome_of(report));
  if (place == "gpu") return markup_text(report.gpu_name);
  if (place == "banner") return banner_of(report.origin);
  if (place == "conditions") return markup_text(report.conditions);
  if (place == "against") return markup_text(report.against);
  if (place == "version") return markup_text(report.perfgate);
  return "";
}

}  // namespace

std::string render_html(const Report& report) {
  return fill_page(page_html.text,
                   [&](std::string_view place) { return content_of(place, report); });
}

}  // namespace perfgate
