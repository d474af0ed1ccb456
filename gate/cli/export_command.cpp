// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/export_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/chosen_row.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"
#include "gate/exchange/exporter.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct ExportOptions {
  std::vector<std::string> results;
  std::string to;
  std::optional<std::string> file;
};

ExitCode export_results(const ExportOptions& options) {
  const Exporter& exporter = chosen("--to", exporters, options.to);
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
    chosen("--to", exporters, wanted.to);
  });
  return [options] { return export_results(*options); };
}

}  // namespace perfgate
