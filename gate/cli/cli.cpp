#include "gate/cli/cli.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "gate/cli/help.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace perfgate {

namespace {

/// A refusal names at most so many commands that an option is for; more would bury the sentence.
constexpr std::size_t most_named = 8;

/// A row of the table with its options.
struct Prepared {
  const Command* command = nullptr;
  std::unique_ptr<CommandParser> parser;
  Action run;
};

std::vector<Prepared> prepare_all(std::span<const Command> commands, const std::string& typed) {
  std::vector<Prepared> all;
  for (const Command& command : commands) {
    auto parser = std::make_unique<CommandParser>(typed);
    Action run = command.prepare(*parser);
    all.push_back({&command, std::move(parser), std::move(run)});
  }
  return all;
}

/// The command as typed, for provenance; files by their names, not by their places on a disk.
std::string command_line(int argc, const char* const* argv) {
  std::string text = "perfgate";
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word.starts_with('/')) word.remove_prefix(word.rfind('/') + 1);
    text += fmt::format(" {}", word);
  }
  return text;
}

bool looks_like_option(std::string_view word) {
  return word.size() > 1 && word.starts_with('-');
}

/// "--json" of "--json=FILE", "-o" of "-oFILE".
std::string option_name(std::string_view word) {
  return std::string(word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2));
}

/// Which command was typed, and what is left when its name is taken out.
struct Typed {
  const Prepared* command = nullptr;  ///< none: none was named
  std::string group;                  ///< "baseline" when no command of it followed
  std::vector<std::string> arguments;
  std::vector<std::string> options;  ///< the names among the arguments
  std::string stray;                 ///< the first word that is no command where one is expected
  bool help = false, version = false;
};

/// Takes a command line apart. Options may stand before the command, so which words are values of
/// an option must be known before the command is: an option takes a value in all commands or none.
class Splitter {
 public:
  explicit Splitter(const std::vector<Prepared>& all) : m_all(all) {}

  Typed split(std::span<const char* const> words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == "--") {  // nothing behind it is an option
        m_typed.arguments.insert(m_typed.arguments.end(), words.begin() + static_cast<long>(i),
                                 words.end());
        break;
      }
      if (word == "-h" || word == "--help") {
        m_typed.help = true;
      } else if (word == "--version") {
        m_typed.version = true;
      } else if (looks_like_option(word)) {
        m_typed.arguments.emplace_back(word);
        m_typed.options.push_back(option_name(word));
        const bool value_follows = takes_value(m_typed.options.back()) &&
                                   word == m_typed.options.back() && i + 1 < words.size() &&
                                   !looks_like_option(words[i + 1]);
        if (value_follows) m_typed.arguments.emplace_back(words[++i]);
      } else if (m_typed.command || !continues_path(word)) {
        if (!m_typed.command && m_typed.stray.empty()) m_typed.stray = word;
        m_typed.arguments.emplace_back(word);
      }
    }
    return std::move(m_typed);
  }

 private:
  bool takes_value(std::string_view name) const {
    return std::any_of(m_all.begin(), m_all.end(), [&](const Prepared& prepared) {
      const OptionHelp* option = prepared.parser->find(name);
      return option && !option->placeholder.empty();
    });
  }

  /// Takes `word` as the next one of a command's path, when there is such a command.
  bool continues_path(std::string_view word) {
    const std::string path =
        m_typed.group.empty() ? std::string(word) : fmt::format("{} {}", m_typed.group, word);
    for (const Prepared& prepared : m_all) {
      if (prepared.command->path == path) {
        m_typed.command = &prepared;
        m_typed.group.clear();
        return true;
      }
      if (prepared.command->path.starts_with(path + ' ')) {
        m_typed.group = path;
        return true;
      }
    }
    return false;
  }

  const std::vector<Prepared>& m_all;
  Typed m_typed;
};

/// "`refresh`, `show`, `diff` or `lint`"
std::string alternatives(std::vector<std::string> words, std::string_view last) {
  if (words.size() < 2) return join(words);
  const std::string final_word = std::move(words.back());
  words.pop_back();
  return fmt::format("{} {} {}", join(words), last, final_word);
}

bool known_anywhere(const std::vector<Prepared>& all, const std::string& option) {
  return std::any_of(all.begin(), all.end(), [&](const Prepared& prepared) {
    return prepared.parser->find(option) != nullptr;
  });
}

/// The commands that an option is for: "check and compare"; "" when there are none, or too many.
std::string owners(const std::vector<Prepared>& all, std::string_view option) {
  std::vector<std::string> paths;
  for (const Prepared& prepared : all)
    if (const OptionHelp* found = prepared.parser->find(option);
        found && !found->description.empty())
      paths.emplace_back(prepared.command->path);
  return paths.size() > most_named ? "" : alternatives(std::move(paths), "and");
}

[[noreturn]] void refuse_option(const std::vector<Prepared>& all, const Typed& typed,
                                const Prepared& command, const std::string& option) {
  const std::string path = typed.command ? fmt::format(" {}", command.command->path) : "";
  const std::string for_command = fmt::format(" for `perfgate {}`", command.command->path);
  const std::string see = fmt::format("see `perfgate{} --help`", path);
  if (const std::string others = owners(all, option); !others.empty())
    throw UsageError(fmt::format("unknown argument '{}'{}: {} is for {}; {}", option, for_command,
                                 option, others, see));
  std::vector<std::string> known{"--help", "--version"};
  for (const OptionHelp& candidate : command.parser->options())
    if (!candidate.description.empty())
      known.insert(known.end(), candidate.names.begin(), candidate.names.end());
  throw UsageError(fmt::format("unknown argument '{}'{}{}; {}", option,
                               typed.command ? for_command : "", did_you_mean(option, known), see));
}

/// Refuses a word that stands where a command is expected.
void require_command(const std::vector<Prepared>& all, const Typed& typed) {
  std::vector<std::string> known;
  if (!typed.group.empty()) {
    for (const Prepared& prepared : all)
      if (const std::string_view path = prepared.command->path; path.starts_with(typed.group + ' '))
        known.push_back(fmt::format("`{}`", path.substr(typed.group.size() + 1)));
    throw UsageError(fmt::format("{0} needs {1}; see `perfgate {0} --help`", typed.group,
                                 alternatives(std::move(known), "or")));
  }
  if (typed.command || typed.stray.empty()) return;
  for (const Prepared& prepared : all) known.emplace_back(prepared.command->path);
  throw UsageError(fmt::format("unknown argument '{}'{}; see `perfgate --help`", typed.stray,
                               did_you_mean(typed.stray, known)));
}

std::string help_for(std::span<const Command> commands, const std::vector<Prepared>& all,
                     const Typed& typed) {
  if (typed.command) return command_help(*typed.command->command, *typed.command->parser);
  if (!typed.group.empty()) return group_help(commands, typed.group);
  return program_help(commands, *all.front().parser);
}

}  // namespace

ParsedCli parse_cli(int argc, const char* const* argv, std::span<const Command> commands) {
  const std::vector<Prepared> all = prepare_all(commands, command_line(argc, argv));
  const std::size_t words = argc > 1 ? static_cast<std::size_t>(argc) - 1 : 0;
  Typed typed = Splitter(all).split({argv + (words > 0 ? 1 : 0), words});
  if (typed.help) return {{}, {}, help_for(commands, all, typed)};
  if (typed.version) return {{}, {}, fmt::format("perfgate {}\n", perfgate_version)};
  const Prepared& chosen = typed.command ? *typed.command : all.front();
  for (const std::string& option : typed.options)
    if (!known_anywhere(all, option)) refuse_option(all, typed, chosen, option);
  require_command(all, typed);
  for (const std::string& option : typed.options)
    if (!chosen.parser->find(option)) refuse_option(all, typed, chosen, option);
  try {
    chosen.parser->parse(std::move(typed.arguments));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}; see `perfgate{}{} --help`", error.what(),
                                 typed.command ? " " : "",
                                 typed.command ? chosen.command->path : ""));
  }
  chosen.parser->check_values();
  // The action refers to its options only; the parsers may go.
  return {chosen.run, chosen.parser->output_files(), ""};
}

}  // namespace perfgate
