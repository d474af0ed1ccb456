// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/metrics_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/options.h"
#include "gate/cli/session.h"
#include "gate/config/make_plan.h"
#include "gate/measure/chip_metrics.h"
#include "gate/os/terminal.h"
#include "gate/util/error.h"

namespace perfgate {

namespace {

struct MetricsOptions {
  std::string chip;
  std::optional<std::string> set;  ///< absent: the config's
  ProjectOptions project;
  std::optional<std::string> runner;
  std::string command_line;
};

/// Prints how a chip measures a metric set, as the runner reports it.
ExitCode show_metrics(const MetricsOptions& options) {
  Config config = load_config(find_project(options.project.config));
  if (options.set) config.measure.metric_set = *options.set;
  const RunRecord request = empty_record(options.command_line, make_plan(config, {}));
  const std::string text = describe_metrics(request, options.chip, runner_path(options.runner),
                                            config.measure.timeout_s);
  print_text(fmt::format("set {} on {}", config.measure.metric_set, text));
  return ExitCode::pass;
}

}  // namespace

Action prepare_metrics(CommandParser& parser) {
  auto options = std::make_shared<MetricsOptions>();
  options->command_line = parser.command_line();
  parser.option("--chip NAME", options->chip, "the chip, as CUPTI calls it: GH100");
  parser.option("--set NAME", options->set, "the set of configs/metrics.toml [from the config]");
  parser.check([&chip = options->chip] {
    if (chip.empty()) throw UsageError("metrics needs a chip: `perfgate metrics --chip GH100`");
  });
  add_project(parser, options->project);
  add_runner(parser, options->runner);
  return [options] { return show_metrics(*options); };
}

}  // namespace perfgate
