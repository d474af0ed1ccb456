// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace perfgate {

std::vector<PreparedCommand> prepare_commands(std::span<const Command> commands,
                                              const std::string& typed) {
  std::vector<PreparedCommand> prepared;
  for (const Command& row : commands) {
    auto parser = std::make_unique<CommandParser>(typed);
    Action run = row.prepare(*parser);
    prepared.push_back({&row, std::move(parser), std::move(run)});
  }
  return prepared;
}

std::string typed_line(int argc, const char* const* argv) {
  std::string text = "perfgate";
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    if (argument.starts_with('/')) argument.remove_prefix(argument.rfind('/') + 1);
    text += fmt::format(" {}", argument);
  }
  return text;
}

namespace {

bool looks_like_option(std::string_view argument) {
  return argument.size() > 1 && argument.starts_with('-');
}

/// Returns "--json" for "--json=FILE", "-o" for "-oFILE".
std::string option_name(std::string_view argument) {
  return std::string(argument.starts_with("--") ? argument.substr(0, argument.find('='))
                                                : argument.substr(0, 2));
}

bool takes_value(const std::vector<PreparedCommand>& commands, std::string_view option) {
  return std::any_of(commands.begin(), commands.end(), [&](const PreparedCommand& command) {
    const OptionHelp* found = command.parser->find(option);
    return found && !found->placeholder.empty();
  });
}

/// Takes `argument` as the next part of a command's path, when there is such a command.
bool continues_path(const std::vector<PreparedCommand>& commands, std::string_view argument,
                    SplitLine& line) {
  const std::string path =
      line.group.empty() ? std::string(argument) : fmt::format("{} {}", line.group, argument);
  for (const PreparedCommand& command : commands) {
    if (command.row->path == path) {
      line.command = &command;
      line.group.clear();
      return true;
    }
    if (command.row->path.starts_with(path + ' ')) {
      line.group = path;
      return true;
    }
  }
  return false;
}

}  // namespace

SplitLine split_line(const std::vector<PreparedCommand>& commands,
                     std::span<const char* const> arguments) {
  SplitLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") {  // no option follows
      for (const char* rest : arguments.subspan(i)) line.arguments.emplace_back(rest);
      break;
    }
    if (argument == "-h" || argument == "--help") {
      line.help = true;
    } else if (argument == "--version") {
      line.version = true;
    } else if (looks_like_option(argument)) {
      const std::string name = option_name(argument);
      line.options.push_back(name);
      line.arguments.emplace_back(argument);
      // As CLI11 sees it: what follows is the value, whatever it looks like.
      const bool value_follows =
          argument == name && takes_value(commands, name) && i + 1 < arguments.size();
      if (value_follows) line.arguments.emplace_back(arguments[++i]);
    } else if (line.command || !continues_path(commands, argument, line)) {
      if (!line.command && line.stray.empty()) line.stray = argument;
      line.arguments.emplace_back(argument);
    }
  }
  return line;
}

}  // namespace perfgate
