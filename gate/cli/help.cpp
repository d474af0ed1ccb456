// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gate/util/text.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

constexpr std::size_t commands_width = 36, options_width = 24;
constexpr std::size_t narrowest_text = 20;

/// A left and a right side in columns; text that does not fit continues below.
class Rows {
 public:
  explicit Rows(std::size_t columns) : m_columns(columns) {}

  std::string row(std::string_view left, std::string_view right, std::size_t left_width) const {
    const std::string indent(left_width + 4, ' ');
    std::string out = fmt::format("  {:<{}}  ", left, left_width);
    // A left side that is too long for its column gets its own line.
    if (left.size() > left_width) out = fmt::format("  {}\n{}", left, indent);
    const std::size_t width =
        std::max(narrowest_text, m_columns - std::min(m_columns, indent.size()));
    while (right.size() > width) {
      const std::size_t space = right.rfind(' ', width);
      if (space == std::string_view::npos) break;
      out += fmt::format("{}\n{}", right.substr(0, space), indent);
      right.remove_prefix(space + 1);
    }
    return out + fmt::format("{}\n", right);
  }
  std::string command(std::string_view left, std::string_view right) const {
    return row(left, right, commands_width);
  }
  std::string option(std::string_view left, std::string_view right) const {
    return row(left, right, options_width);
  }

 private:
  std::size_t m_columns;
};

std::string typed(const Command& command) {
  return fmt::format("perfgate {}{}{}", command.path, command.arguments.empty() ? "" : " ",
                     command.arguments);
}

std::string command_rows(std::span<const Command> commands, std::string_view beginning,
                         const Rows& rows) {
  std::string text;
  for (const Command& command : commands)
    if (command.path.starts_with(beginning)) text += rows.command(typed(command), command.summary);
  return text;
}

std::string_view group_of(const Command& command) {
  return command.path.substr(0, std::min(command.path.find(' '), command.path.size()));
}

/// One row a command; the commands of a group share one.
std::string folded_rows(std::span<const Command> commands, const Rows& rows) {
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
    text += names.size() > 1 ? rows.command(fmt::format("perfgate {} COMMAND", group), join(names))
                             : rows.command(typed(command), command.summary);
  }
  return text;
}

std::string option_rows(const CommandParser& parser, const Rows& rows) {
  std::string text;
  for (const OptionHelp& option : parser.options()) {
    if (option.description.empty()) continue;
    const std::string left = fmt::format("{}{}{}", join(option.names),
                                         option.placeholder.empty() ? "" : " ", option.placeholder);
    text += rows.option(left, option.description);
  }
  return text;
}

}  // namespace

std::string program_help(std::span<const Command> commands, std::size_t columns) {
  const Rows rows(columns);
  std::string text = fmt::format(
      "perfgate: the performance-regression gate for GPU CI\n\n{0}"
      "\nWithout a command it is `perfgate {1}`; `perfgate COMMAND --help` prints the options of "
      "one.\n"
      "{2}{3}"
      "\nWithout a GPU nothing is judged (exit 3); `perfgate demo` shows a real recorded run.\n"
      "\nexit codes:\n",
      folded_rows(commands, rows), commands.front().path, rows.option("-h, --help", "print this"),
      rows.option("--version", "print the version"));
  for (const ExitCodeInfo& info : exit_codes)
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(info.code), info.meaning);
  return wrapped(text, columns);
}

std::string command_help(const Command& command, const CommandParser& parser, std::size_t columns) {
  return wrapped(
      fmt::format("{}: {}\n\n{}\nExit codes, and the other commands: `perfgate --help`\n",
                  typed(command), command.summary, option_rows(parser, Rows(columns))),
      columns);
}

std::string group_help(std::span<const Command> commands, std::string_view group,
                       std::size_t columns) {
  return wrapped(
      fmt::format("{}\n`perfgate {} COMMAND --help` prints the options of one.\n",
                  command_rows(commands, fmt::format("{} ", group), Rows(columns)), group),
      columns);
}

}  // namespace perfgate
