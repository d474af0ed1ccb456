// SPDX-License-Identifier: Apache-2.0
// A result file comes from a fork and is published: it is refused with a sentence, or becomes posts
// within GitHub's limits that begin no command and hold no markup of their own.
#include "gate/github/comment_text.h"
#include "gate/github/github_requests.h"
#include "gate/github/workflow_commands.h"
#include "gate/report/formats.h"
#include "gate/report/result_reader.h"
#include "tests/fuzz/engine/target.h"
#include "tests/support/sample_reports.h"

using namespace perfgate;

const InputForm input_form = InputForm::json;

std::vector<std::string> seeds() {
  return {render_json(every_reason()), render_json(many_cases(4, 2)),
          render_json(many_cases(2, 0))};
}

namespace {

Target somewhere() {
  Target target;
  target.api_url = "https://api.github.com";
  target.repository = "octo/hello";
  target.sha = std::string(40, 'b');
  target.pull_request = 7;
  return target;
}

/// Each line is one command: a name from the result can't begin another.
void require_commands(const std::string& text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::string_view line(text.data() + begin, text.find('\n', begin) - begin);
    require(line.starts_with("::error ") || line.starts_with("::warning ") ||
            line.starts_with("::notice "));
    begin += line.size() + 1;
  }
}

void post(const Report& report) {
  const Links links{"https://github.com/octo/hello/actions/runs/1", ""};
  require(comment_text(report, default_post_name, links).size() <= comment_bytes);
  for (const Request& request : complete_check(somewhere(), 1, default_post_name, report, links)) {
    const Json output = request.body->at("output");
    require(output.at("title").get<std::string>().size() <= check_title_bytes);
    require(output.at("summary").get<std::string>().size() <= check_text_bytes);
  }
  (void)commit_status(somewhere(), default_post_name, report, links);
  require(github_body(report, links, step_summary_bytes).size() <= step_summary_bytes);
  require_commands(annotation_commands(report));
  require(!step_outputs(report, {}).empty());
}

}  // namespace

void try_input(std::string_view input) {
  Report report;
  if (!accepted([&] { report = read_result(input, "result.json"); })) return;
  const std::string text = render_json(report);
  require(render_json(read_result(text, "again")) == text);
  require(!one_of(formats, input).render(report).empty());
  require(!render_text(report, {Detail::all, Color::no, default_columns}).empty());
  post(report);
  Report other = report;
  other.gpu_id = report.gpu_id == "h100" ? "h200" : "h100";
  (void)accepted([&] {
    const Report merged = merge_results({report, other});
    require(merged.cases.size() == 2 * report.cases.size());
    const std::string both = render_json(merged);
    require(render_json(read_result(both, "merged")) == both);
    post(merged);
  });
}
