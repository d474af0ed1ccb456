// SPDX-License-Identifier: Apache-2.0
// The options that say which program is measured, and what of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gate/cli/command_parser.h"
#include "gate/cli/project.h"
#include "gate/config/config.h"
#include "gate/measure/measure_program.h"
#include "gate/program/program_spec.h"

namespace perfgate {

/// Adds the options of ncu's names for ranges and kernels, and the command after `--`.
void add_program(CommandParser& parser, ProgramSpec& spec);

/// Returns `library`, else libperfgate-inject.so beside the program or in its installation's lib
/// folder. Throws NoVerdict when it is in neither.
std::filesystem::path library_path(const std::optional<std::string>& library);

/// Which program is measured instead of the suite: one of the config, or a command.
struct ProgramChoice {
  std::optional<std::string> name, library;
  std::vector<std::string> command, ranges;
  std::optional<std::string> tool;  ///< whose benchmark the command is; empty: it is measured

  std::optional<std::string> base_command, base_folder;  ///< of the base build

  bool given() const { return name || !command.empty(); }
  bool has_base() const { return base_command || base_folder; }
};
/// Adds them, and the command after `--`.
void add_program_choice(CommandParser& parser, ProgramChoice& choice);
/// Adds the options of its base build: the same command in another folder, or another command.
void add_program_base(CommandParser& parser, ProgramChoice& choice);

/// Returns the plan that measuring a program begins with; its sources and cases come from a first
/// look. The seed draws nothing in a program, but a file of baselines has one for all its cases.
Plan program_plan(const Config& config);

/// Returns the program to measure instead of the suite: the command that was given, which runs in
/// the current folder; else the one of --program; else the only one of a project that has no
/// [suite], whose command runs in the project's folder, from wherever perfgate is called. Throws
/// UsageError for an unknown one, where there are several to choose from, and for a base build of
/// the suite.
std::optional<ProgramTask> chosen_program(const Project& project, const Config& config,
                                          const ProgramChoice& choice);

}  // namespace perfgate
