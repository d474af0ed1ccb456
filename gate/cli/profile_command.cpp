// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/profile_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/program_options.h"
#include "gate/cli/session.h"
#include "gate/config/make_plan.h"
#include "gate/measure/measure_program.h"
#include "gate/os/terminal.h"
#include "gate/report/render_run.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct ProfileOptions {
  MeasuringOptions measuring;
  ProgramSpec spec;
  std::optional<int> processes;
  std::optional<std::string> library;
  bool list = false;
  bool no_counters = false;
};

std::string listed(const ProgramRun& run) {
  std::string out;
  for (const ProgramRange& range : run.ranges) {
    out +=
        fmt::format("{}: {}, {} alike, {} each{}{}; busy {:.2f} us, span {:.2f} us\n",
                    one_line(range.group), count_of(range.occurrences, "occurrence"), range.alike,
                    count_of(range.launches.size(), "launch"), range.graph ? ", CUDA graphs" : "",
                    range.overlaps ? ", overlapping" : "", range.busy_s * 1e6, range.span_s * 1e6);
    for (std::size_t i = 0; i < range.launches.size(); ++i)
      out += fmt::format("  {}\n",
                         one_line(range.parts.empty() ? range.launches[i].name : range.parts[i]));
  }
  return out;
}

MeasureRequest request_of(const ProfileOptions& options, const Project& project,
                          const Config& config, const NvmlGpu& gpu) {
  MeasureRequest request =
      request_on(options.measuring, project, config, gpu, options.processes.value_or(3));
  request.record.plan = program_plan(config);
  return request;
}

ExitCode profile(const ProfileOptions& options) {
  const Project project = find_project(options.measuring.project.config);
  const Config config = configured(project, options.measuring.policy);
  const NvmlGpu gpu = required_gpu(config, options.measuring.gpu);
  const ProgramTask task{options.spec, library_path(options.library), !options.no_counters};
  ProgramRun run;
  run.record = measure_with_progress(request_of(options, project, config, gpu), options.measuring,
                                     [&](const MeasureRequest& request, const Progress& progress) {
                                       run = options.list
                                                 ? look_at_program(request, task)
                                                 : measure_program(request, task, progress);
                                       return run.record;
                                     });
  if (!options.list) keep_record(run.record, options.measuring.record);
  std::string text = options.list ? listed(run) : render_run(run.record);
  for (const std::string& note : run.notes) text += fmt::format("note: {}\n", one_line(note));
  if (options.measuring.record.file == "-")
    print_stderr(text);
  else
    print_text(text);
  return ExitCode::pass;
}

}  // namespace

Action prepare_profile(CommandParser& parser) {
  auto options = std::make_shared<ProfileOptions>();
  options->measuring.command_line = parser.command_line();
  add_project(parser, options->measuring.project);
  add_gpu(parser, options->measuring.gpu);
  add_program(parser, options->spec);
  parser.flag("--list", options->list, "only look: which ranges there are and what they launch");
  parser.option("--processes N", options->processes, 2, 1000, "timing starts of the program [3]");
  parser.flag("--no-counters", options->no_counters, "only times: one start less");
  add_runner(parser, options->measuring.runner);
  parser.option("--library FILE", options->library,
                "the injection library [libperfgate-inject.so beside perfgate]");
  add_lock_clocks(parser, options->measuring.lock_clocks);
  parser.output("-o,--output FILE", options->measuring.record.file,
                "keep the run record, for `perfgate compare`");
  parser.flag("--no-raw", options->measuring.record.no_raw, "keep it without the single samples");
  add_quiet(parser, options->measuring.quiet);
  parser.check([&spec = options->spec] { check_program(spec); });
  return [options] { return profile(*options); };
}

}  // namespace perfgate
