// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gate/cli/command_line.h"
#include "gate/cli/help.h"
#include "gate/os/terminal.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace perfgate {

namespace {

/// How many of the commands that an option is for a refusal names; more would bury the sentence.
constexpr std::size_t most_named = 8;

/// Returns "a, b or c".
std::string enumerated(std::vector<std::string> items, std::string_view conjunction) {
  if (items.size() < 2) return join(items);
  const std::string last = std::move(items.back());
  items.pop_back();
  return fmt::format("{} {} {}", join(items), conjunction, last);
}

/// Returns the commands that have an option: "check and compare"; "" for none, or for too many.
std::string owners(const std::vector<PreparedCommand>& commands, std::string_view option) {
  std::vector<std::string> paths;
  for (const PreparedCommand& command : commands)
    if (const OptionHelp* found = command.parser->find(option);
        found && !found->description.empty())
      paths.emplace_back(command.row->path);
  return paths.size() > most_named ? "" : enumerated(std::move(paths), "and");
}

bool known_anywhere(const std::vector<PreparedCommand>& commands, const std::string& option) {
  return std::any_of(commands.begin(), commands.end(), [&](const PreparedCommand& command) {
    return command.parser->find(option) != nullptr;
  });
}

/// Returns "see `perfgate compare --help`"; without a typed command, the whole help.
std::string where_to_look(const SplitLine& line) {
  const std::string_view typed = line.command ? line.command->row->path : line.group;
  return fmt::format("see `perfgate{}{} --help`", typed.empty() ? "" : " ", typed);
}

[[noreturn]] void refuse_option(const std::vector<PreparedCommand>& commands, const SplitLine& line,
                                const PreparedCommand& chosen, const std::string& option) {
  const std::string for_command = fmt::format(" for `perfgate {}`", chosen.row->path);
  if (const std::string others = owners(commands, option); !others.empty())
    throw UsageError(fmt::format("unknown argument '{}'{}: {} is for {}; {}", option, for_command,
                                 option, others, where_to_look(line)));
  std::vector<std::string> known{"--help", "--version"};
  for (const OptionHelp& candidate : chosen.parser->options())
    if (!candidate.description.empty())
      known.insert(known.end(), candidate.names.begin(), candidate.names.end());
  throw UsageError(fmt::format("unknown argument '{}'{}{}; {}", option,
                               line.command ? for_command : "", did_you_mean(option, known),
                               where_to_look(line)));
}

/// Refuses an argument in a command's place that is no command.
void require_command(const std::vector<PreparedCommand>& commands, const SplitLine& line) {
  if (line.command || (line.group.empty() && line.stray.empty())) return;
  const std::string beginning = line.group.empty() ? "" : line.group + ' ';
  std::vector<std::string> known;
  for (const PreparedCommand& command : commands)
    if (const std::string_view path = command.row->path; path.starts_with(beginning)) {
      // Of a group that is not named yet, its name is what was meant.
      const std::string_view rest = path.substr(beginning.size());
      known.emplace_back(rest.substr(0, rest.find(' ')));
    }
  if (line.stray.empty()) {
    for (std::string& name : known) name = fmt::format("`{}`", name);
    throw UsageError(fmt::format("{} needs {}; {}", line.group, enumerated(std::move(known), "or"),
                                 where_to_look(line)));
  }
  throw UsageError(fmt::format("unknown argument '{}'{}; {}", line.stray,
                               did_you_mean(line.stray, known), where_to_look(line)));
}

/// Returns the command that must have all options of the line: the typed one, or the default.
const PreparedCommand& chosen_command(const std::vector<PreparedCommand>& commands,
                                      const SplitLine& line) {
  const PreparedCommand& chosen = line.command ? *line.command : commands.front();
  for (const std::string& option : line.options)
    if (!known_anywhere(commands, option)) refuse_option(commands, line, chosen, option);
  require_command(commands, line);
  for (const std::string& option : line.options)
    if (!chosen.parser->find(option)) refuse_option(commands, line, chosen, option);
  return chosen;
}

std::string help_for(std::span<const Command> rows, const SplitLine& line) {
  const std::size_t columns = stdout_columns();
  if (line.command) return command_help(*line.command->row, *line.command->parser, columns);
  if (!line.group.empty()) return group_help(rows, line.group, columns);
  return program_help(rows, columns);
}

}  // namespace

ParsedCli parse_cli(int argc, const char* const* argv, std::span<const Command> rows) {
  const std::vector<PreparedCommand> commands = prepare_commands(rows, typed_line(argc, argv));
  const std::span all(argv, static_cast<std::size_t>(argc));
  SplitLine line = split_line(commands, all.subspan(all.empty() ? 0 : 1));
  if (line.help) return {{}, {}, help_for(rows, line)};
  if (line.version) return {{}, {}, fmt::format("perfgate {}\n", perfgate_version)};
  const PreparedCommand& chosen = chosen_command(commands, line);
  try {
    chosen.parser->parse(std::move(line.arguments));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}; {}", error.what(), where_to_look(line)));
  }
  chosen.parser->check_values();
  // The action owns the options that it refers to, so it may outlive the parsers.
  return {chosen.run, chosen.parser->output_files(), ""};
}

}  // namespace perfgate
