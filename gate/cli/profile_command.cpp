// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/profile_command.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>

#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/program_options.h"
#include "gate/cli/session.h"
#include "gate/measure/measure_program.h"
#include "gate/os/terminal.h"
#include "gate/report/make_report.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct ProfileOptions {
  MeasuringOptions measuring;
  ProgramSpec spec;
  std::optional<int> processes;
  std::optional<std::string> library, set;
  bool list = false;
  ReportOptions reports;
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

ExitCode profile(const ProfileOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const Project project = find_project(options.measuring.project.config);
  Config config = configured(project, options.measuring.policy);
  if (options.set) config.measure.metric_set = *options.set;
  const NvmlGpu gpu = required_gpu(config, options.measuring.gpu);
  const ProgramTask task{options.spec, library_path(options.library), !options.no_counters};
  ProgramRun run;
  run.record = measure_with_progress(
      make_program_request(options.measuring, project, config, task, gpu,
                           options.processes.value_or(3)),
      options.measuring, [&](const MeasureRequest& request, const Progress& progress) {
        run = options.list ? look_at_program(request, task)
                           : measure_program(request, task, progress);
        return run.record;
      });
  if (options.list) {
    std::string text = listed(run);
    for (const std::string& note : run.notes) text += fmt::format("note: {}\n", one_line(note));
    print_text(text);
    return ExitCode::pass;
  }
  Unwritten unwritten;
  unwritten.attempt([&] { keep_record(run.record, options.measuring.record); });
  Report report = make_profile(run.record, config.judge, find_gpu(config.gpus, run.record.gpu_id));
  report.notes.insert(report.notes.begin(), run.notes.begin(), run.notes.end());
  report.wall_s = seconds_since(begin);
  return deliver(report, options.reports, {.stdout_taken = options.measuring.record.file == "-"},
                 std::move(unwritten));
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
  parser.option("--set NAME", options->set,
                "the metric set to count, such as explain [from the config]");
  parser.flag("--no-counters", options->no_counters, "only times: one start less");
  add_runner(parser, options->measuring.runner);
  parser.option("--library FILE", options->library,
                "the injection library [libperfgate-inject.so beside perfgate]");
  add_lock_clocks(parser, options->measuring.lock_clocks);
  parser.output("-o,--output FILE", options->measuring.record.file,
                "keep the run record, for `perfgate compare`");
  parser.flag("--no-raw", options->measuring.record.no_raw, "keep it without the single samples");
  add_reports(parser, options->reports, FormatNeeds::timeline, judging_nothing);
  add_quiet(parser, options->measuring.quiet);
  parser.check([&spec = options->spec] { check_program(spec); });
  parser.check([&profile = *options] {
    for (const ReportFile& file : profile.reports.files)
      if (profile.list && file.to)
        throw UsageError(fmt::format("--list only looks: leave --{} out", file.format->id));
  });
  return [options] { return profile(*options); };
}

}  // namespace perfgate
