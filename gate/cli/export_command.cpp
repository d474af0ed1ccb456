// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/export_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "gate/cli/chosen_row.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"
#include "gate/exchange/exporter.h"
#include "gate/os/files.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct ExportOptions {
  std::vector<std::string> results;
  std::string to;
  std::optional<std::string> file;
};

bool is_history(const std::string& file) {
  return file.ends_with(".jsonl");
}

std::int64_t epoch_seconds(const std::string& utc) {
  std::tm time{};
  const char* const end = strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
  if (!end || *end)
    throw UsageError(
        fmt::format("created: '{}' is no time like 2025-01-02T03:04:05Z", printable(utc)));
  return timegm(&time);
}

std::string exported_history(const Exporter& exporter, const std::string& file) {
  const History history = read_history(read_foreign_file(file, longest_file_bytes), file);
  if (history.empty())
    throw NoVerdict(fmt::format("{}: no run in it; `perfgate history add` adds one", file));
  return exporter.write_history(history, epoch_seconds);
}

ExitCode export_results(const ExportOptions& options) {
  const Exporter& exporter = chosen("--to", exporters, options.to);
  if (is_history(options.results.front())) {
    put(options.file.value_or("-"),
        [&] { return exported_history(exporter, options.results.front()); });
    return ExitCode::pass;
  }
  const Report report = load_results(options.results);
  put(options.file.value_or("-"), [&] { return exporter.write(report); });
  return ExitCode::pass;
}

}  // namespace

Action prepare_export(CommandParser& parser) {
  auto options = std::make_shared<ExportOptions>();
  parser.arguments(options->results);
  parser.option("--to FORMAT", options->to,
                fmt::format("whose format it shall be: {}", join(ids_of(exporters))));
  parser.output("-o,--output FILE", options->file, "the file to write [stdout]");
  parser.check([&wanted = *options] {
    if (wanted.results.empty() || wanted.to.empty())
      throw UsageError(
          "export needs a result and a format: `perfgate export RESULT.json --to bmf`");
    const Exporter& exporter = chosen("--to", exporters, wanted.to);
    if (std::none_of(wanted.results.begin(), wanted.results.end(), is_history)) return;
    if (wanted.results.size() > 1)
      throw UsageError("export takes one history, and no results beside it");
    if (!exporter.write_history)
      throw UsageError(
          fmt::format("--to {}: it holds the verdicts of one run with their reasons, "
                      "which {} lacks: export that run's result",
                      exporter.id, wanted.results.front()));
  });
  return [options] { return export_results(*options); };
}

}  // namespace perfgate
