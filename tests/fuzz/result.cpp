// SPDX-License-Identifier: Apache-2.0
// A result file comes from a fork and is published: it is refused with a sentence, or becomes posts
// within GitHub's limits that begin no command and hold no markup of their own.
#include <algorithm>

#include "gate/github/comment_text.h"
#include "gate/github/github_requests.h"
#include "gate/github/workflow_commands.h"
#include "gate/report/formats.h"
#include "gate/report/result_reader.h"
#include "tests/fuzz/engine/target.h"
#include "tests/fuzz/oracles/markdown.h"
#include "tests/fuzz/oracles/workflow_log.h"
#include "tests/support/sample_reports.h"
#include "tests/support/sample_target.h"

using namespace perfgate;

const InputForm input_form = InputForm::json;
const std::size_t longest_input = 20000;

namespace {

const Links links{"https://github.com/octo/hello/actions/runs/1", ""};

/// Each line is one command: a name from the result can't begin another.
void require_commands(const std::string& text) {
  const std::vector<std::string> taken = commands_taken(text);
  require(std::count(text.begin(), text.end(), '\n') == std::ssize(taken));
  for (const std::string& command : taken) require(command == "error" || command == "warning");
}

/// What is drawn, linked and folded is perfgate's own: nothing of a name became Markdown or HTML.
void require_own_markup(const std::string& markdown) {
  const auto read = parse_markdown(markdown);
  if (!read) return;
  require(!read->notifies);
  for (const std::string& link : read->links) require(link == links.run);
  for (const std::string& code : read->code)
    require(code.starts_with("%%{init: {\"themeVariables"));
  for (const std::string& html : read->html)
    require(html == comment_mark(default_post_name) || html == "</details>\n" ||
            html == "<details open><summary>Why</summary>\n" ||
            html == "<details><summary>Why</summary>\n" ||
            html == "<details><summary>The case, with its counters</summary>\n" ||
            (html.starts_with("<details><summary>All ") && html.size() < 80 &&
             html.ends_with(" cases, with their counters</summary>\n")));
  require(read->links.size() <= 1 && read->code.size() <= 1 && read->html.size() <= 5);
}

void post(const Report& report) {
  const std::string comment = comment_text(report, default_post_name, links);
  require(comment.size() <= comment_bytes);
  require_own_markup(comment);
  for (const Request& request :
       complete_check(pull_request_target(), 1, default_post_name, report, links)) {
    const Json output = request.body->at("output");
    require(output.at("title").get<std::string>().size() <= check_title_bytes);
    require(output.at("summary").get<std::string>().size() <= check_text_bytes);
  }
  (void)commit_status(pull_request_target(), default_post_name, report, links);
  require(github_body(report, links, step_summary_bytes).size() <= step_summary_bytes);
  require_commands(annotation_commands(report));
  require(!step_outputs(report, {}).empty());
}

void merge_and_post(const Report& report) {
  Report other = report;
  other.gpu_id = report.gpu_id == "h100" ? "h200" : "h100";
  const Report merged = merge_results({report, other});
  require(merged.cases.size() == 2 * report.cases.size());
  const std::string both = render_json(merged);
  require(render_json(read_result(both, "merged")) == both);
  post(merged);
}

/// A few cases of `report`, with the exit code that follows from them.
std::string part_of_report(const Report& report, std::size_t begin, std::size_t end) {
  Report part = report;
  part.cases.assign(report.cases.begin() + static_cast<std::ptrdiff_t>(begin),
                    report.cases.begin() + static_cast<std::ptrdiff_t>(end));
  for (const ExitCode code : {ExitCode::pass, ExitCode::regressed, ExitCode::no_verdict}) {
    part.exit_code = code;
    const std::string text = render_json(part);
    if (accepted([&] { (void)read_result(text, "seed"); })) return text;
  }
  std::abort();
}

}  // namespace

std::vector<std::string> seeds() {
  const Report all = every_reason();
  std::vector<std::string> seeds{render_json(many_cases(3, 1)), render_json(many_cases(1, 0))};
  constexpr std::size_t cases = 4;  // more would make the search slow
  for (std::size_t begin = 0; begin < all.cases.size(); begin += cases)
    seeds.push_back(part_of_report(all, begin, std::min(begin + cases, all.cases.size())));
  return seeds;
}

void try_input(std::string_view input) {
  Report report;
  if (!accepted([&] { report = read_result(input, "result.json"); })) return;
  const std::string text = render_json(report);
  require(render_json(read_result(text, "again")) == text);
  post(report);
  if (is_one_in(8, input)) require(!one_of(formats, input).render(report).empty());
  require(!render_text(report, {Detail::all, Color::no, default_columns}).empty());
  if (is_one_in(4, input)) (void)accepted([&] { merge_and_post(report); });
}
