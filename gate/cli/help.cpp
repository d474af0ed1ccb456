// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t line_width = 100;

/// Puts `left` in a column and `right` beside it; text that does not fit continues below.
std::string columns(std::string_view left, std::string_view right, std::size_t left_width) {
  std::string out = fmt::format("  {:<{}}  ", left, left_width);
  // A left side that is too long for its column gets its own line.
  if (left.size() > left_width) out = fmt::format("  {}\n{:{}}", left, "", left_width + 4);
  const std::size_t width = line_width - left_width - 4;
  while (right.size() > width) {
    const std::size_t space = right.rfind(' ', width);
    if (space == std::string_view::npos) break;
    out += fmt::format("{}\n{:{}}", right.substr(0, space), "", left_width + 4);
    right.remove_prefix(space + 1);
  }
  return out + fmt::format("{}\n", right);
}

std::string typed(const Command& command) {
  return fmt::format("perfgate {}{}{}", command.path, command.arguments.empty() ? "" : " ",
                     command.arguments);
}

std::string command_rows(std::span<const Command> commands, std::string_view beginning) {
  std::string text;
  for (const Command& command : commands)
    if (command.path.starts_with(beginning)) text += columns(typed(command), command.summary, 36);
  return text;
}

std::string_view group_of(const Command& command) {
  return command.path.substr(0, std::min(command.path.find(' '), command.path.size()));
}

/// One row a command; the commands of a group share one.
std::string folded_rows(std::span<const Command> commands) {
  std::string text;
  std::string_view last;
  for (const Command& command : commands) {
    const std::string_view group = group_of(command);
    if (group == last) continue;
    last = group;
    std::vector<std::string> names;
    for (const Command& other : commands)
      if (group_of(other) == group && other.path.size() > group.size())
        names.emplace_back(other.path.substr(group.size() + 1));
    text += names.size() > 1 ? columns(fmt::format("perfgate {} COMMAND", group), join(names), 36)
                             : columns(typed(command), command.summary, 36);
  }
  return text;
}

std::string option_rows(const CommandParser& parser) {
  std::string text;
  for (const OptionHelp& option : parser.options()) {
    if (option.description.empty()) continue;
    const std::string left = fmt::format("{}{}{}", join(option.names),
                                         option.placeholder.empty() ? "" : " ", option.placeholder);
    text += columns(left, option.description, 24);
  }
  return text;
}

}  // namespace

std::string program_help(std::span<const Command> commands) {
  std::string text = fmt::format(
      "perfgate: the performance-regression gate for GPU CI\n\n{0}"
      "\nWithout a command it is `perfgate {1}`; `perfgate COMMAND --help` prints the options of "
      "one.\n"
      "{2}{3}"
      "\nWithout a GPU nothing is judged (exit 3); `perfgate demo` shows a real recorded run.\n"
      "\nexit codes:\n",
      folded_rows(commands), commands.front().path, columns("-h, --help", "print this", 24),
      columns("--version", "print the version", 24));
  for (const ExitCodeInfo& info : exit_codes)
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(info.code), info.meaning);
  return text;
}

std::string command_help(const Command& command, const CommandParser& parser) {
  return fmt::format("{}: {}\n\n{}\nExit codes, and the other commands: `perfgate --help`\n",
                     typed(command), command.summary, option_rows(parser));
}

std::string group_help(std::span<const Command> commands, std::string_view group) {
  return fmt::format("{}\n`perfgate {} COMMAND --help` prints the options of one.\n",
                     command_rows(commands, fmt::format("{} ", group)), group);
}

}  // namespace perfgate
