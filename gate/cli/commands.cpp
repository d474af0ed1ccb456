// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/commands.h"

#include <array>
#include <string>
#include <string_view>

#include "gate/cli/ab_command.h"
#include "gate/cli/baseline_commands.h"
#include "gate/cli/baseline_refresh_command.h"
#include "gate/cli/check_command.h"
#include "gate/cli/cli.h"
#include "gate/cli/compare_command.h"
#include "gate/cli/config_command.h"
#include "gate/cli/demo_command.h"
#include "gate/cli/doctor_command.h"
#include "gate/cli/export_command.h"
#include "gate/cli/generate_command.h"
#include "gate/cli/history_command.h"
#include "gate/cli/import_command.h"
#include "gate/cli/init_command.h"
#include "gate/cli/list_command.h"
#include "gate/cli/metrics_command.h"
#include "gate/cli/outputs.h"
#include "gate/cli/profile_command.h"
#include "gate/cli/publish_command.h"
#include "gate/cli/qualify_command.h"
#include "gate/cli/run_command.h"
#include "gate/cli/tune_command.h"
#include "gate/os/files.h"
#include "gate/os/terminal.h"

namespace perfgate {

namespace {

constexpr std::array<Command, 27> commands_of_perfgate{{
    {"check", "[-- COMMAND...]", "measure, judge against the baseline, report", prepare_check},
    {"run", "-o RUN.json", "measure only", prepare_run},
    {"profile", "-- COMMAND...", "look at any CUDA program: its NVTX ranges and kernels",
     prepare_profile},
    {"compare", "RUN.json", "judge a saved run against the baseline or another run",
     prepare_compare},
    {"ab", "--base R --head R", "two builds of perfgate-runner, interleaved", prepare_ab},
    {"qualify", "", "this machine's false alarms; with --slow its sensitivity", prepare_qualify},
    {"tune", "", "the GEMM kernels with which the layer is fastest on this GPU", prepare_tune},
    {"baseline refresh", "[-- COMMAND...]",
     "measure and write baselines/<gpu>.toml, or a part of it", prepare_baseline_refresh},
    {"baseline show", "[FILE]", "print a baseline as a table", prepare_baseline_show},
    {"baseline diff", "A.toml B.toml", "what differs between two baselines", prepare_baseline_diff},
    {"baseline lint", "[FILE...]", "what is wrong with the baselines", prepare_baseline_lint},
    {"import", "FILE... --from TOOL -o RUN.json", "what another tool measured, as a run",
     prepare_import},
    {"export", "RESULT.json... --to FORMAT", "a result for another tool to keep or plot",
     prepare_export},
    {"history add", "RUN.json", "add a run to history/<gpu>.jsonl", prepare_history_add},
    {"history show", "FILE", "every case over the runs, and what crept", prepare_history_show},
    {"history page", "FILE -o PAGE.html", "the same as one page that opens offline",
     prepare_history_page},
    {"history check", "FILE", "exit 1 when a case crept over the runs", prepare_history_check},
    {"history import", "data.js --gpu ID", "the runs that github-action-benchmark kept",
     prepare_history_import},
    {"publish", "RESULT.json...", "post a result to GitHub", prepare_publish},
    {"merge", "RESULT.json...", "the results of several GPUs as one report", prepare_merge},
    {"demo", "", "judge and report the shipped recording of a real run (no GPU needed)",
     prepare_demo},
    {"config show", "", "every value of the configuration, and where it comes from",
     prepare_config_show},
    {"generate", "man|bash|zsh|fish", "the manual page, or a shell's completions",
     prepare_generate},
    {"init", "[-- COMMAND...]", "write a first perfgate.toml and the workflows of a repository",
     prepare_init},
    {"list", "", "the planned cases (no GPU needed)", prepare_list},
    {"doctor", "", "what on this machine would spoil a measurement, and the fix", prepare_doctor},
    {"metrics", "--chip NAME", "a metric set's counters and passes on a chip (no GPU needed)",
     prepare_metrics},
}};

/// Whether the command line names this file more than once: then the command reads it first, as in
/// `merge a.json b.json --json a.json`.
bool is_read_too(const std::string& file, int argc, const char* const* argv) {
  int named = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.starts_with('-') ? argument.find('=') : argument.npos;
    named += same_file(
        file, std::string(equals == argument.npos ? argument : argument.substr(equals + 1)));
  }
  return named > 1;
}

}  // namespace

std::span<const Command> all_commands() {
  return commands_of_perfgate;
}

ExitCode run_command_line(int argc, const char* const* argv, std::span<const Command> commands) {
  const ParsedCli parsed = parse_cli(argc, argv, commands);
  if (!parsed.run) {
    print_text(parsed.text);
    return ExitCode::pass;
  }
  // This runs before the measurement, so that a result is not lost after half a minute.
  for (const std::string& file : parsed.outputs) require_writable(file);
  // What a run that fails leaves behind must not be the result of an earlier one.
  for (const std::string& file : parsed.outputs)
    if (!is_read_too(file, argc, argv) && !is_step_summary(file)) remove_old(file);
  return parsed.run();
}

}  // namespace perfgate
