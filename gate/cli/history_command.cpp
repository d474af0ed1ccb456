// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/history_command.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <memory>

#include "gate/cli/git_files.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"
#include "gate/history/history_import.h"
#include "gate/history/history_page.h"
#include "gate/history/history_table.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"
#include "gate/report/result_reader.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

struct AddOptions {
  std::string run;
  std::optional<std::string> file, result, parent;
};

struct ReadOptions {
  std::string file;
  std::vector<std::string> only;
  std::optional<std::string> output;
  std::string repository;
};

struct HistoryImportOptions {
  std::string file, suite, gpu;
  std::optional<std::string> output;
};

fs::path history_file(const std::optional<std::string>& file, const std::string& gpu_id) {
  return file ? fs::path(*file) : fs::path("history") / (gpu_id + ".jsonl");
}

/// Returns the parts of a file that is one, and "" for one that is not there yet.
std::string text_of(const fs::path& file) {
  return fs::exists(file) ? read_file(file) : "";
}

/// Appends lines. Each line was whole before, so a crash leaves at most one broken line, the last.
void append(const fs::path& file, const std::string& lines) {
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  if (!fs::exists(file))
    write_file(file, lines);
  else
    append_file(file, lines);
}

/// Throws UsageError when the file is another GPU's. Its last line tells, and it has been read
/// anyway.
void require_gpu(const std::string& text, const fs::path& file, const std::string& gpu_id) {
  if (text.empty()) return;
  if (text.back() != '\n')
    throw UsageError(fmt::format("{}: its last line is cut off; remove it", file.string()));
  const std::size_t begin = text.size() < 2 ? 0 : text.rfind('\n', text.size() - 2) + 1;
  const History last = read_history(text.substr(begin), file.string());
  if (!last.empty() && last.back().gpu_id != gpu_id)
    throw UsageError(fmt::format("{}: runs of {}, and this one is of {}", file.string(),
                                 last.back().gpu_id, gpu_id));
}

ExitCode add(const AddOptions& options) {
  const RunRecord run = load_run(options.run, {}, {});
  std::optional<Report> judged;
  if (options.result) judged = read_result(read_file(*options.result), *options.result);
  const std::string parent =
      options.parent ? *options.parent : parent_of_commit(fs::current_path(), run.commit);
  const HistoryRun entry = history_run(run, parent, judged ? &*judged : nullptr);
  const fs::path file = history_file(options.file, run.gpu_id);
  const std::string line = write_history_line(entry), text = text_of(file);
  require_gpu(text, file, run.gpu_id);
  // The verdicts or the version of what adds it may differ: a line is never changed.
  if (has_run(text, file.string(), entry)) {
    print_stdout(fmt::format("perfgate: {} has this run already\n", file.string()));
    return ExitCode::pass;
  }
  append(file, line);
  print_stdout(fmt::format("perfgate: run of {} with {} added to {}\n",
                           run.commit.empty() ? "an unknown commit" : run.commit.substr(0, 10),
                           count_of(entry.cases.size(), "case"), file.string()));
  return ExitCode::pass;
}

struct Looked {
  History history;
  std::vector<CaseSeries> series;
  std::vector<CaseTrend> found;
};

Looked look(const ReadOptions& options) {
  Looked out;
  out.history = read_history(read_file(options.file), options.file);
  if (out.history.empty())
    throw NoVerdict(fmt::format("{}: no run in it; `perfgate history add` adds one", options.file));
  const std::vector<std::string> ids = history_cases(out.history);
  if (const std::string* astray = first_without_match(options.only, ids))
    throw UsageError(fmt::format("--only {}: matches no case of {}{}", *astray, options.file,
                                 did_you_mean(*astray, ids)));
  // All cases share the error, so they are looked at before some are chosen.
  out.series = series_of(out.history);
  out.found = trends(out.series);
  if (options.only.empty()) return out;
  Looked chosen{std::move(out.history), {}, {}};
  for (std::size_t i = 0; i < out.series.size(); ++i)
    if (matches_any(options.only, out.series[i].id)) {
      chosen.series.push_back(std::move(out.series[i]));
      chosen.found.push_back(std::move(out.found[i]));
    }
  return chosen;
}

ExitCode show(const ReadOptions& options) {
  const Looked looked = look(options);
  print_text(history_table(looked.history, looked.series, looked.found, stdout_columns()));
  return ExitCode::pass;
}

ExitCode check(const ReadOptions& options) {
  const Looked looked = look(options);
  const auto lines = crept_lines(looked.history, looked.series, looked.found);
  for (const std::string& line : lines) print_text(fmt::format("crept: {}\n", line));
  print_stdout(fmt::format(
      "perfgate: {}: {} of {} crept over {}\n", lines.empty() ? "PASS" : "FAIL", lines.size(),
      count_of(looked.series.size(), "case"), count_of(looked.history.size(), "run")));
  return lines.empty() ? ExitCode::pass : ExitCode::regressed;
}

ExitCode page(const ReadOptions& options) {
  const Looked looked = look(options);
  put(options.output, [&] {
    return history_page(looked.history, looked.series, looked.found, options.repository,
                        perfgate_version);
  });
  return ExitCode::pass;
}

std::string iso_time(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

ExitCode import_history(const HistoryImportOptions& options) {
  const ImportedHistory imported =
      read_data_js(read_file(options.file), options.file, options.suite, options.gpu, iso_time);
  for (const std::string& note : imported.notes)
    print_stderr(fmt::format("perfgate: note: {}\n", note));
  if (imported.history.empty())
    throw UsageError(fmt::format("{}: no run with a duration in it", options.file));
  const fs::path file = history_file(options.output, options.gpu);
  if (!text_of(file).empty())
    throw UsageError(fmt::format(
        "{} is there: old runs are imported before the first new one is added", file.string()));
  std::string lines;
  for (const HistoryRun& run : imported.history) lines += write_history_line(run);
  append(file, lines);
  print_stdout(fmt::format("perfgate: {} imported to {}\n",
                           count_of(imported.history.size(), "run"), file.string()));
  return ExitCode::pass;
}

std::shared_ptr<ReadOptions> add_read(CommandParser& parser, const char* command) {
  auto options = std::make_shared<ReadOptions>();
  parser.argument(options->file);
  parser.option("--only GLOB", options->only, "cases by id, '*' spans '/'; repeat for more");
  parser.check([&file = options->file, command] {
    if (file.empty())
      throw UsageError(
          fmt::format("{0} needs a history: `perfgate {0} history/h100.jsonl`", command));
  });
  return options;
}

}  // namespace

Action prepare_history_add(CommandParser& parser) {
  auto options = std::make_shared<AddOptions>();
  parser.argument(options->run);
  parser.option("--file FILE", options->file, "the history [history/<gpu>.jsonl]");
  parser.option("--result RESULT.json", options->result, "adds the verdicts on this run");
  parser.option("--parent SHA", options->parent, "the commit before it [as git knows it]");
  parser.check([&run = options->run] {
    if (run.empty())
      throw UsageError("history add needs a run record: `perfgate history add RUN.json`");
  });
  return [options] { return add(*options); };
}

Action prepare_history_show(CommandParser& parser) {
  const auto options = add_read(parser, "history show");
  return [options] { return show(*options); };
}

Action prepare_history_check(CommandParser& parser) {
  const auto options = add_read(parser, "history check");
  return [options] { return check(*options); };
}

Action prepare_history_page(CommandParser& parser) {
  const auto options = add_read(parser, "history page");
  parser.output("-o,--output FILE", options->output, "the page to write");
  parser.option("--repository URL", options->repository,
                "links commits: https://github.com/owner/name");
  parser.check([&wanted = *options] {
    if (!wanted.output)
      throw UsageError(
          "history page needs a file: `perfgate history page history/h100.jsonl -o index.html`");
    if (!wanted.repository.empty() && !wanted.repository.starts_with("https://"))
      throw UsageError(fmt::format("--repository {}: it begins with https://", wanted.repository));
    while (wanted.repository.ends_with('/')) wanted.repository.pop_back();
  });
  return [options] { return page(*options); };
}

Action prepare_history_import(CommandParser& parser) {
  auto options = std::make_shared<HistoryImportOptions>();
  parser.argument(options->file);
  parser.option("--gpu ID", options->gpu, "the GPU that these runs were measured on");
  parser.option("--entry NAME", options->suite, "the suite of the file, where it has several");
  parser.option("--file FILE", options->output, "the history to write [history/<gpu>.jsonl]");
  parser.check([&wanted = *options] {
    if (wanted.file.empty() || wanted.gpu.empty())
      throw UsageError(
          "history import needs a file and its GPU: `perfgate history import data.js --gpu h100`");
    if (!is_gpu_id(wanted.gpu))
      throw UsageError(fmt::format("--gpu '{}' {}", printable(wanted.gpu), gpu_id_wanted));
  });
  return [options] { return import_history(*options); };
}

}  // namespace perfgate
