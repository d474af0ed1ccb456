// The options of one command: what they are called, where their values go, and what is checked once
// all of them are known. CLI11 stays behind this header, in command_parser.cpp.
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

/// An option as --help prints it.
struct OptionHelp {
  std::vector<std::string> names;  ///< "-o", "--output"
  std::string placeholder;         ///< of its value; "": it takes none
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
  /// May be repeated; each takes one value, so that what follows is never swallowed.
  void option(std::string_view spec, std::vector<std::string>& values,
              std::string_view description);
  void option(std::string_view spec, std::optional<int>& value, int least, int most,
              std::string_view description);
  void option(std::string_view spec, std::optional<double>& value, double least, double most,
              std::string_view description);
  /// `take` may throw UsageError.
  void option(std::string_view spec, std::function<void(const std::string&)> take,
              std::string_view description);
  /// A file that the command writes; "-" is stdout, which only one may want.
  void output(std::string_view spec, std::optional<std::string>& file,
              std::string_view description);
  /// An option that the command cannot have, with the reason why.
  void refuse(std::string_view name, std::string reason);
  void argument(std::string& value);
  void arguments(std::vector<std::string>& values);

  /// Adds what check_values() checks; `throws` throws UsageError.
  void check(std::function<void()> throws);

  /// Takes the arguments behind the command's name. Throws UsageError.
  void parse(std::vector<std::string> arguments);
  /// Checks what can be judged only when all values are known. Throws UsageError.
  void check_values() const;

  /// The option called `name`; nullptr when there is none.
  const OptionHelp* find(std::string_view name) const;
  const std::vector<OptionHelp>& options() const { return m_options; }
  /// The files that were asked for, without stdout.
  std::vector<std::string> output_files() const;
  /// As typed, for the provenance of a record.
  const std::string& command_line() const { return m_command_line; }

 private:
  struct Output {
    std::string name;
    const std::optional<std::string>* file;
  };
  /// Notes the option for --help; its names as CLI11 takes them.
  std::string note(std::string_view spec, std::string_view description);
  void require_one_stdout() const;

  std::string m_command_line;
  std::unique_ptr<CLI::App> m_app;
  std::vector<OptionHelp> m_options;
  std::vector<Output> m_outputs;
  std::vector<std::function<void()>> m_checks;
};

}  // namespace perfgate
