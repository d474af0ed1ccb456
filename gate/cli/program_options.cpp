// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/program_options.h"

#include <fmt/format.h>

#include "gate/cli/chosen_row.h"
#include "gate/exchange/importer.h"
#include "gate/os/files.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr const char* library_name = "libperfgate-inject.so";

int count_from(const char* option, const std::string& text, int least, int most = 1000000) {
  std::size_t used = 0;
  int value = -1;
  try {
    value = std::stoi(text, &used);
  } catch (const std::exception&) {
  }
  if (used != text.size() || value < least || value > most)
    throw UsageError(fmt::format("{} '{}': expected a number from {} to {}", option,
                                 printable(text), least, most));
  return value;
}

}  // namespace

void add_program(CommandParser& parser, ProgramSpec& spec) {
  spec.name = "program";
  parser.option("--name NAME", spec.name, "the first part of the cases' ids [program]");
  parser.option("--nvtx-include FILTER", spec.ranges,
                "NVTX ranges in ncu's syntax: 'my_decode_*/'; repeat for more");
  parser.option("--nvtx-exclude FILTER", spec.exclude, "ranges to leave out, in the same syntax");
  parser.option(
      "--range SOURCE",
      [&spec](const std::string& id) { spec.source = chosen("--range", range_sources, id).source; },
      fmt::format("what is a range: {} [nvtx]", join(ids_of(range_sources))));
  parser.option(
      "--nvtx-push-pop-scope SCOPE",
      [&spec](const std::string& id) {
        spec.scope = chosen("--nvtx-push-pop-scope", launch_scopes, id).scope;
      },
      "thread, or process: whose launches belong to a push/pop range [thread]");
  parser.option("-k,--kernel-name NAME", spec.kernels,
                "with --range kernel: NAME or regex:EXPRESSION; repeat for more");
  parser.option(
      "--skip N", [&spec](const std::string& text) { spec.skip = count_from("--skip", text, 0); },
      "occurrences of warm-up, of each range [5]");
  parser.option(
      "--occurrences N",
      [&spec](const std::string& text) { spec.occurrences = count_from("--occurrences", text, 4); },
      "measured occurrences, of each range and process [40]");
  parser.option(
      "--until WHEN",
      [&spec](const std::string& id) { spec.until = chosen("--until", untils, id).until; },
      "done: end the program when all was seen; exit: let it run on [done]");
  parser.option(
      "--gpus N",
      [&spec](const std::string& text) { spec.gpus = count_from("--gpus", text, 1, most_gpus); },
      "GPUs that the program sees, the chosen one first [1]");
  parser.arguments(spec.command);
}

namespace {

ProgramSpec spec_of(const ProgramChoice& choice) {
  ProgramSpec spec;
  spec.name = choice.name.value_or("program");
  spec.command = choice.command;
  spec.ranges = choice.ranges;
  if (choice.tool) spec.tool = &chosen("--import", benchmark_tools, *choice.tool);
  if (spec.tool || !spec.ranges.empty()) return spec;
  spec.source = RangeSource::kernel;
  spec.kernels = {"regex:."};
  return spec;
}

}  // namespace

void add_program_choice(CommandParser& parser, ProgramChoice& choice) {
  parser.option("--program NAME", choice.name,
                "a [[program]] of the config instead of the suite; or COMMAND's name");
  parser.option("--nvtx-include FILTER", choice.ranges,
                "the NVTX ranges of -- COMMAND [each kernel]; repeat for more");
  parser.option("--import TOOL", choice.tool,
                fmt::format("COMMAND times itself and writes the file of {}",
                            join(ids_of(benchmark_tools), " or ")));
  parser.command(choice.command);
  parser.check([&choice] {
    if (choice.command.empty() && !choice.ranges.empty())
      throw UsageError(
          "--nvtx-include is for a command: `perfgate --nvtx-include 'step/' -- COMMAND`");
    if (choice.command.empty() && choice.tool)
      throw UsageError("--import is for a command: `perfgate --import nvbench -- ./my_bench`");
    if (choice.tool && !choice.ranges.empty())
      throw UsageError(
          "--import takes the cases from the benchmark's file: leave --nvtx-include "
          "out");
    if (!choice.command.empty()) check_program(spec_of(choice));
  });
  parser.option("--library FILE", choice.library,
                "the injection library [libperfgate-inject.so beside perfgate]");
}

void add_program_base(CommandParser& parser, ProgramChoice& choice) {
  parser.option("--base-folder DIR", choice.base_folder,
                "where the program's command runs as the base build: another checkout");
  parser.option("--base-command TEXT", choice.base_command,
                "the base build's own command, for /bin/sh");
}

Plan program_plan(const Config& config) {
  Plan plan;
  plan.metrics = metrics_of_set(config.metrics, config.measure.metric_set);
  plan.seed = config.measure.seed;
  return plan;
}

namespace {

ProgramTask task_of(ProgramSpec spec, const ProgramChoice& choice, fs::path folder) {
  ProgramTask task{std::move(spec), {}};
  task.folder = std::move(folder);
  if (!task.spec.tool) {
    task.library = library_path(choice.library);
    return task;
  }
  if (choice.library)
    throw UsageError(
        fmt::format("--library: {} times itself, and nothing is loaded into it; leave "
                    "the option out",
                    task.spec.name));
  task.importer = find_by_id(importers, task.spec.tool->id);
  return task;
}

std::optional<ProgramTask> chosen_head(const Project& project, const Config& config,
                                       const ProgramChoice& choice) {
  if (!choice.command.empty()) return task_of(spec_of(choice), choice, {});
  const std::optional<std::string> wanted =
      choice.name ? std::string(program_source_prefix) + *choice.name
                  : default_source(config.programs, config.measures_suite);
  if (wanted == decode_source_id) return std::nullopt;
  std::vector<std::string> names;
  for (const ProgramSpec& spec : config.programs) {
    if (program_source(spec).id == wanted)
      return task_of(spec, choice, project.installed ? fs::path() : project.root());
    names.push_back(spec.name);
  }
  if (!choice.name)
    throw UsageError(
        fmt::format("{} has several programs and no [suite]: choose with --program: {}",
                    project.policy.string(), join(names)));
  if (names.empty())
    throw UsageError(fmt::format("--program {}: the config has no [[program]]", *choice.name));
  throw UsageError(fmt::format("--program: {}", unknown_id(*choice.name, names)));
}

}  // namespace

std::optional<ProgramTask> chosen_program(const Project& project, const Config& config,
                                          const ProgramChoice& choice) {
  std::optional<ProgramTask> task = chosen_head(project, config, choice);
  if (!choice.has_base()) return task;
  if (!task)
    throw UsageError(
        "--base-folder and --base-command are a program's: name it with --program, or give the "
        "suite's base build by --base-runner");
  task->base = ProgramBuild{task->spec.command, task->folder};
  // What is put behind a benchmark's command reaches the words of the text by "$@".
  if (choice.base_command)
    task->base->command = {"/bin/sh", "-c",
                           *choice.base_command + (task->spec.tool ? " \"$@\"" : ""), "sh"};
  if (choice.base_folder) {
    task->base->folder = fs::absolute(*choice.base_folder);
    if (!fs::is_directory(task->base->folder))
      throw UsageError(
          fmt::format("--base-folder {}: there is no such folder", printable(*choice.base_folder)));
  }
  return task;
}

fs::path library_path(const std::optional<std::string>& library) {
  if (library) return fs::absolute(*library);
  fs::path beside = program_directory() / library_name;
  fs::path installed = program_directory().parent_path() / "lib" / "perfgate" / library_name;
  if (fs::exists(beside)) return beside;
  if (fs::exists(installed)) return installed;
  throw NoVerdict(
      fmt::format("there is no {} beside perfgate nor in {}: it is part of the component cuda (the "
                  "package perfgate-cuda), or name it with --library",
                  library_name, installed.parent_path().string()));
}

}  // namespace perfgate
