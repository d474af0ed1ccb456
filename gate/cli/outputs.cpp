// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "gate/github/comment_text.h"
#include "gate/github/workflow_commands.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/post/actions_log.h"
#include "gate/report/render.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

bool is_step_summary(const std::string& file) {
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  return summary && *summary && same_file(file, summary);
}

void Unwritten::attempt(const std::function<void()>& write) {
  try {
    write();
  } catch (const UsageError& error) {
    m_why.emplace_back(error.what());
  }
}

ExitCode Unwritten::exit_code(ExitCode verdict) const {
  for (const std::string& why : m_why)
    print_stderr(for_actions_log(fmt::format("perfgate: error: {}\n", printable(why))));
  return verdict == ExitCode::pass && !m_why.empty() ? ExitCode::no_verdict : verdict;
}

void put(const std::optional<std::string>& to, const std::function<std::string()>& render) {
  if (!to) return;
  if (*to == "-")
    print_stdout(render());
  else
    write_file(*to, render());
}

void keep_record(const RunRecord& run, const RecordOptions& record) {
  put(record.file,
      [&] { return write_record(run, record.no_raw ? RawSamples::leave_out : RawSamples::keep); });
}

void require_explained(const std::vector<std::string>& ids, const std::vector<std::string>& globs) {
  for (const std::string& glob : globs)
    if (std::none_of(ids.begin(), ids.end(),
                     [&](const std::string& id) { return glob_match(glob, id); }))
      throw UsageError(
          fmt::format("--explain {}: no such case in this run{}; `perfgate list` prints them", glob,
                      did_you_mean(glob, ids)));
}

namespace {

/// Adds the report to the step summary, below what other tools wrote there. GitHub drops a summary
/// that is too long as a whole.
void append_to_summary(const std::string& file, const std::string& text) {
  const std::size_t used = read_file(file).size();
  if (used + text.size() > step_summary_bytes)
    throw UsageError(fmt::format(
        "cannot write {}: {} bytes to {} that are there, and a step summary may have {}", file,
        text.size(), used, step_summary_bytes));
  append_file(file, text);
}

}  // namespace

void write_reports(const Report& report, const ReportOptions& reports, Unwritten& unwritten) {
  for (const ReportFile& file : reports.files)
    unwritten.attempt([&] {
      if (file.to && is_step_summary(*file.to))
        append_to_summary(*file.to, file.format->render(report));
      else
        put(file.to, [&] { return file.format->render(report); });
    });
}

namespace {

constexpr std::size_t evidence_indent = 11;  // behind the name of what a line tells

/// Returns the evidence on the cases that --explain names.
std::string evidence_of(const Report& report, const std::vector<std::string>& globs) {
  std::string text;
  for (const std::string& glob : globs)
    for (const CaseReport& entry : report.cases)
      if (glob_match(glob, entry.id)) text += render_evidence(report, entry);
  return text;
}

/// Returns the report's text for a log. GitHub Actions executes commands in a step's output: text
/// from outside must contain none, but the requested annotations must work. The sentence stays the
/// last line.
std::string for_log(const std::string& text, const Report& report, bool annotations) {
  const std::size_t sentence = text.rfind('\n', text.size() - 2) + 1;
  std::string out;
  if (sentence > 0) out = for_actions_log(std::string_view(text).substr(0, sentence));
  if (annotations) out += annotation_commands(report);
  std::string last = text.substr(sentence);
  // Its beginning is ours, but GitHub's runner also finds commands in the middle of a line.
  for (std::size_t at; (at = last.find("##[")) != std::string::npos;) last.replace(at, 2, "??");
  return out + last;
}

}  // namespace

ExitCode deliver(const Report& report, const ReportOptions& reports, const LogText& text,
                 Unwritten unwritten) {
  write_reports(report, reports, unwritten);
  const bool stdout_taken = text.stdout_taken || reports.to_stdout();
  const TextStyle style{text.text.all ? Detail::all
                        : text.quiet  ? Detail::quiet
                                      : Detail::folded,
                        stdout_taken ? Color::no : stdout_color(text.text.color),
                        stdout_taken ? default_columns : stdout_columns()};
  // The evidence comes before the verdict, which is the last line.
  const std::string log =
      for_log(wrapped(evidence_of(report, text.explain), style.columns, evidence_indent) +
                  render_text(report, style),
              report, text.annotations);
  if (stdout_taken)
    print_stderr(log);
  else
    print_stdout(log);
  return unwritten.exit_code(report.exit_code);
}

}  // namespace perfgate
