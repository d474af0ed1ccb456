// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/tune_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/options.h"
#include "gate/decode/decode_source.h"
#include "gate/measure/tune.h"
#include "gate/os/terminal.h"
#include "gate/util/error.h"

namespace perfgate {

std::vector<GemmChoice> measure_tuning(const MeasureRequest& request,
                                       const MeasuringOptions& options) {
  std::string table;
  const RunRecord tuned = measure_with_progress(
      request, options, [&](const MeasureRequest& locked, const Progress& progress) {
        progress("variants of the GEMMs", 0, 1);
        Tuning found = tune(locked);
        table = std::move(found.table);
        RunRecord record = locked.record;
        record.plan = std::move(found.plan);
        return record;
      });
  print_text(table);
  return choices_of(tuned.plan);
}

namespace {

ExitCode show_tuning(const MeasuringOptions& options) {
  const Project project = find_project(options.project.config);
  const Config config = configured(project, options.policy);
  if (config.measure.backend != GemmBackend::automatic)
    throw UsageError(
        fmt::format("tune chooses among our own GEMM kernels and cuBLASLt's: it needs "
                    "the backend 'auto', not '{}'",
                    gemm_backend_id(config.measure.backend)));
  const NvmlGpu gpu = required_gpu(config, options.gpu);
  // What it is compared with is what runs take now.
  const auto now = stored_tuning(project, {gpu_id(config.gpus, gpu.name), gpu.uuid});
  measure_tuning(make_request(options, project, config, gpu, 0, now), options);
  print_text(
      "Nothing was stored. `perfgate baseline refresh --tune` chooses so, and measures the "
      "baseline "
      "with what it chose.\n");
  return ExitCode::pass;
}

}  // namespace

Action prepare_tune(CommandParser& parser) {
  auto options = std::make_shared<MeasuringOptions>();
  options->command_line = parser.command_line();
  add_project(parser, options->project);
  add_gpu(parser, options->gpu);
  add_select(parser, options->select);
  add_lock_clocks(parser, options->lock_clocks);
  add_quiet(parser, options->quiet);
  add_runner(parser, options->runner);
  return [options] { return show_tuning(*options); };
}

}  // namespace perfgate
