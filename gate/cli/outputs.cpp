#include "gate/cli/outputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/github/workflow_commands.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/report/render.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

void put(const std::optional<std::string>& to, const std::function<std::string()>& render) {
  if (!to) return;
  if (*to == "-")
    print_stdout(render());
  else
    write_file(*to, render());
}

void keep_record(const RunRecord& run, const Options& options) {
  put(options.output,
      [&] { return write_record(run, options.no_raw ? RawSamples::leave_out : RawSamples::keep); });
}

void require_explained(const std::vector<std::string>& ids, const Options& options) {
  for (const std::string& glob : options.explain)
    if (std::none_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return glob_match(glob, id); }))
      throw UsageError(
          fmt::format("--explain {}: no such case in this run{}; `perfgate list` prints them", glob,
                      did_you_mean(glob, ids)));
}

namespace {

/// The evidence on the cases that --explain names.
std::string evidence_of(const Report& report, const std::vector<std::string>& globs) {
  std::string text;
  for (const std::string& glob : globs)
    for (const CaseReport& one : report.cases)
      if (glob_match(glob, one.id)) text += render_evidence(report, one);
  return text;
}

/// The report's text for a log. GitHub Actions takes commands out of what a step prints: none out
/// of text from outside, but the annotations that were asked for. The sentence stays the last line.
std::string log_text(const std::string& text, const Report& report, const Options& options) {
  const std::size_t sentence = text.rfind('\n', text.size() - 2) + 1;
  std::string out;
  if (sentence > 0) out = for_actions_log(std::string_view(text).substr(0, sentence));
  if (std::find(options.post.begin(), options.post.end(), Place::annotations) != options.post.end())
    out += annotation_commands(report);
  std::string last = text.substr(sentence);
  // Its beginning is ours, but the runner knows commands in the middle of a line, too.
  for (std::size_t at; (at = last.find("##[")) != std::string::npos;) last.replace(at, 2, "??");
  return out + last;
}

}  // namespace

ExitCode deliver(const Report& report, const Options& options) {
  const bool stdout_taken = options.json == "-" || options.markdown == "-" || options.html == "-" ||
                            options.junit == "-" || options.trace == "-" || options.output == "-" ||
                            options.dry_run;
  put(options.json, [&] { return render_json(report); });
  put(options.markdown, [&] { return render_markdown(report); });
  put(options.junit, [&] { return render_junit(report); });
  put(options.html, [&] { return render_html(report); });
  put(options.trace, [&] { return render_trace(report); });
  // The verdict is the last line, so the evidence stands before it.
  const std::string text =
      log_text(evidence_of(report, options.explain) +
                   render_text(report, options.quiet ? Detail::quiet : Detail::full,
                               stdout_taken ? Color::no : stdout_color(options.color)),
               report, options);
  if (stdout_taken)
    print_stderr(text);
  else
    print_stdout(text);
  return report.exit_code;
}

}  // namespace perfgate
