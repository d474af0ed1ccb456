// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/command_parser.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

CommandParser::CommandParser(std::string command_line)
    : m_command_line(std::move(command_line)), m_app(std::make_unique<CLI::App>()) {
  m_app->set_help_flag();
}

CommandParser::~CommandParser() = default;

std::string CommandParser::note(std::string_view spec, std::string_view description) {
  const std::size_t space = spec.find(' ');
  std::string names(spec.substr(0, space));
  OptionHelp help;
  help.description = description;
  if (space != std::string_view::npos) help.placeholder = spec.substr(space + 1);
  for (std::size_t begin = 0; begin < names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    help.names.push_back(names.substr(begin, end - begin));
    begin = end + 1;
  }
  m_options.push_back(std::move(help));
  return names;
}

void CommandParser::flag(std::string_view spec, bool& value, std::string_view description) {
  m_app->add_flag(note(spec, description), value);
}

void CommandParser::option(std::string_view spec, std::string& value,
                           std::string_view description) {
  m_app->add_option(note(spec, description), value);
}

void CommandParser::option(std::string_view spec, std::optional<std::string>& value,
                           std::string_view description) {
  m_app->add_option(note(spec, description), value);
}

void CommandParser::option(std::string_view spec, std::vector<std::string>& values,
                           std::string_view description) {
  m_app->add_option(note(spec, description), values)->take_all()->allow_extra_args(false);
}

void CommandParser::option(std::string_view spec, std::optional<int>& value, int least, int most,
                           std::string_view description) {
  m_app->add_option(note(spec, description), value)->check(CLI::Range(least, most));
}

void CommandParser::option(std::string_view spec, std::optional<double>& value, double least,
                           double most, std::string_view description) {
  m_app->add_option(note(spec, description), value)->check(CLI::Range(least, most));
}

void CommandParser::option(std::string_view spec,
                           const std::function<void(const std::string&)>& take,
                           std::string_view description) {
  m_app->add_option_function<std::string>(note(spec, description), take);
}

void CommandParser::output(std::string_view spec, std::optional<std::string>& file,
                           std::string_view description) {
  option(spec, file, description);
  m_outputs.push_back({m_options.back().names.back(), &file});
}

void CommandParser::refuse(std::string_view name, std::string reason) {
  option(
      fmt::format("{} VALUE", name),
      [reason = std::move(reason)](const std::string&) { throw UsageError(reason); }, "");
}

void CommandParser::argument(std::string& value) {
  m_app->add_option("ARGUMENT", value);
}

void CommandParser::arguments(std::vector<std::string>& values) {
  m_app->add_option("ARGUMENTS", values);
}

void CommandParser::command(std::vector<std::string>& words) {
  m_command = &words;
}

void CommandParser::check(std::function<void()> throws) {
  m_checks.push_back(std::move(throws));
}

void CommandParser::parse(std::vector<std::string> arguments) {
  if (m_command) {
    const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
    if (dashes != arguments.end()) m_command->assign(std::next(dashes), arguments.end());
    arguments.erase(dashes, arguments.end());
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    m_app->parse(arguments);
  } catch (const CLI::ExtrasError&) {
    throw UsageError(fmt::format("unknown argument '{}'", m_app->remaining().front()));
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
}

void CommandParser::check_values() const {
  for (const std::function<void()>& throws : m_checks) throws();
  require_one_stdout();
}

const OptionHelp* CommandParser::find(std::string_view name) const {
  for (const OptionHelp& option : m_options)
    if (std::find(option.names.begin(), option.names.end(), name) != option.names.end())
      return &option;
  return nullptr;
}

std::vector<std::string> CommandParser::output_files() const {
  std::vector<std::string> files;
  for (const Output& output : m_outputs)
    if (*output.file && **output.file != "-") files.push_back(**output.file);
  return files;
}

void CommandParser::require_one_stdout() const {
  std::vector<std::string> names;
  for (const Output& output : m_outputs)
    if (*output.file == "-") names.push_back(output.name + " -");
  if (names.size() > 1)
    throw UsageError(fmt::format("{} all want stdout; give one to it", join(names)));
}

}  // namespace perfgate
