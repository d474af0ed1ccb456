// SPDX-License-Identifier: Apache-2.0
// The options of one command: their names, where their values go, and what is checked once all
// values are known. CLI11 stays behind this header, in command_parser.cpp.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace perfgate {

/// How --help prints an option.
struct OptionHelp {
  std::vector<std::string> names;  ///< "-o", "--output"
  std::string placeholder;         ///< stands for the value; "": the option takes none
  std::string description;         ///< "": the option is refused with a reason, and not listed
};

/// Values are stored by reference: they must outlive parse(). A `spec` is "-o,--output FILE": the
/// names, then the placeholder of the value.
class CommandParser {
 public:
  explicit CommandParser(std::string command_line = "perfgate");
  ~CommandParser();
  CommandParser(const CommandParser&) = delete;
  CommandParser& operator=(const CommandParser&) = delete;

  void flag(std::string_view spec, bool& value, std::string_view description);
  void option(std::string_view spec, std::string& value, std::string_view description);
  void option(std::string_view spec, std::optional<std::string>& value,
              std::string_view description);
  /// Adds an option that may be repeated; each use takes one value, so it never swallows what
  /// follows.
  void option(std::string_view spec, std::vector<std::string>& values,
              std::string_view description);
  void option(std::string_view spec, std::optional<int>& value, int least, int most,
              std::string_view description);
  void option(std::string_view spec, std::optional<double>& value, double least, double most,
              std::string_view description);
  /// `take` may throw UsageError.
  void option(std::string_view spec, const std::function<void(const std::string&)>& take,
              std::string_view description);
  /// Adds a file that the command writes; "-" is stdout, which only one option may use.
  void output(std::string_view spec, std::optional<std::string>& file,
              std::string_view description);
  /// Refuses an option that the command cannot have, and says why.
  void refuse(std::string_view name, std::string reason);
  void argument(std::string& value);
  void arguments(std::vector<std::string>& values);
  /// Adds a command that is to be run: what follows "--", and nothing before it.
  void command(std::vector<std::string>& words);

  /// Adds a check for check_values(); `throws` throws UsageError.
  void check(std::function<void()> throws);

  /// Takes the arguments after the command's name. Throws UsageError.
  void parse(std::vector<std::string> arguments);
  /// Runs the checks that need all values. Throws UsageError.
  void check_values() const;

  /// Returns the option called `name`; nullptr when there is none.
  const OptionHelp* find(std::string_view name) const;
  const std::vector<OptionHelp>& options() const { return m_options; }
  /// Returns the files that were asked for, without stdout.
  std::vector<std::string> output_files() const;
  /// Returns the line as typed, for the provenance of a record.
  const std::string& command_line() const { return m_command_line; }

 private:
  struct Output {
    std::string name;
    const std::optional<std::string>* file;
  };
  /// Notes the option for --help; returns its names as CLI11 takes them.
  std::string note(std::string_view spec, std::string_view description);
  void require_one_stdout() const;

  std::string m_command_line;
  std::unique_ptr<CLI::App> m_app;
  std::vector<OptionHelp> m_options;
  std::vector<Output> m_outputs;
  std::vector<std::string>* m_command = nullptr;
  std::vector<std::function<void()>> m_checks;
};

}  // namespace perfgate
