// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "gate/util/exit_code.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace perfgate {

namespace {

/// Returns `text` with `to` for each character `from`.
std::string escaped(std::string_view text,
                    const std::vector<std::pair<char, std::string_view>>& escapes) {
  std::string out;
  for (const char c : text) {
    const auto found = std::find_if(escapes.begin(), escapes.end(),
                                    [&](const auto& escape) { return escape.first == c; });
    if (found == escapes.end())
      out += c;
    else
      out += found->second;
  }
  return out;
}

/// A text line of roff: a '.' or "'" at its beginning would be a request.
std::string roff(std::string_view text) {
  std::string line = escaped(text, {{'\\', "\\e"}, {'-', "\\-"}});
  return line.starts_with('.') || line.starts_with('\'') ? "\\&" + line : line;
}

std::string single_quoted(std::string_view text) {
  return fmt::format("'{}'", escaped(text, {{'\'', "'\\''"}}));
}

/// Returns the options that --help lists; the others only exist to be refused with a reason.
std::vector<const OptionHelp*> listed(const PreparedCommand& command) {
  std::vector<const OptionHelp*> options;
  for (const OptionHelp& option : command.parser->options())
    if (!option.description.empty()) options.push_back(&option);
  return options;
}

std::vector<std::string> names_of(const PreparedCommand& command) {
  std::vector<std::string> names{"--help"};
  for (const OptionHelp* option : listed(command))
    names.insert(names.end(), option->names.begin(), option->names.end());
  return names;
}

struct Word {
  std::string text;
  std::string_view meaning;
};

/// Returns the words that may follow `beginning` ("", "baseline "): names of commands and groups.
std::vector<Word> words_behind(const std::vector<PreparedCommand>& commands,
                               std::string_view beginning) {
  std::vector<Word> words;
  std::set<std::string, std::less<>> seen;
  for (const PreparedCommand& command : commands) {
    if (!command.row->path.starts_with(beginning)) continue;
    const std::string_view rest = command.row->path.substr(beginning.size());
    const std::size_t space = rest.find(' ');
    const std::string word(rest.substr(0, space));
    if (seen.insert(word).second)
      words.push_back({word, space == std::string_view::npos ? command.row->summary : ""});
  }
  return words;
}

/// Returns the groups of commands: "baseline".
std::vector<std::string> groups_of(const std::vector<PreparedCommand>& commands) {
  std::vector<std::string> groups;
  for (const Word& word : words_behind(commands, ""))
    if (word.meaning.empty()) groups.push_back(word.text);
  return groups;
}

std::string texts_of(const std::vector<Word>& words) {
  std::vector<std::string> texts;
  for (const Word& word : words) texts.push_back(word.text);
  return join(texts, " ");
}

}  // namespace

std::string manual_page(const std::vector<PreparedCommand>& commands) {
  std::string page = fmt::format(
      ".TH PERFGATE 1 \"\" \"perfgate {}\" \"User Commands\"\n"
      ".SH NAME\nperfgate \\- the performance\\-regression gate for GPU CI\n"
      ".SH SYNOPSIS\n.B perfgate\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR...]\n"
      ".SH DESCRIPTION\n{}\n.SH COMMANDS\nWithout a command, \\fB{}\\fR.\n",
      roff(perfgate_version),
      roff("Measures GPU work, compares it with the stored baseline of that GPU, and says pass or "
           "fail with the reason. Without a GPU nothing is judged; `perfgate demo` shows a real "
           "recorded run."),
      roff(commands.front().row->path));
  for (const PreparedCommand& command : commands) {
    page += fmt::format(".SS perfgate {} {}\n{}\n", roff(command.row->path),
                        roff(command.row->arguments), roff(command.row->summary));
    for (const OptionHelp* option : listed(command))
      page += fmt::format(".TP\n\\fB{}\\fR \\fI{}\\fR\n{}\n", roff(join(option->names)),
                          roff(option->placeholder), roff(option->description));
  }
  page += ".SH EXIT STATUS\n";
  for (const ExitCodeInfo& info : exit_codes)
    page += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(info.code), roff(info.meaning));
  return page + ".SH FILES\n.TP\n.I perfgate.toml\n" +
         roff(
             "The project's file, from the current folder up to the top of its git repository; "
             "it says what differs from the installation's defaults.") +
         "\n.TP\n.I perfgate/baselines/\n" +
         roff("The stored baselines beside it, one file for each GPU.") + "\n";
}

std::string bash_completion(const std::vector<PreparedCommand>& commands) {
  std::string text = fmt::format(
      "# bash completion of perfgate, written by `perfgate generate bash`.\n_perfgate() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} words=\"\" options={} typed\n"
      "  typed=\" ${{COMP_WORDS[*]:1:COMP_CWORD-1}} \"\n"
      "  ((COMP_CWORD > 1)) || words={}\n  case $typed in\n",
      single_quoted(join(names_of(commands.front()), " ")),
      single_quoted(texts_of(words_behind(commands, ""))));
  for (const PreparedCommand& command : commands)
    text += fmt::format("    *\" {} \"*) options={} ;;\n", command.row->path,
                        single_quoted(join(names_of(command), " ")));
  for (const std::string& group : groups_of(commands))
    text += fmt::format("    *\" {} \"*) words={} ;;\n", group,
                        single_quoted(texts_of(words_behind(commands, group + ' '))));
  return text +
         "  esac\n  [[ $current != -* ]] || words=$options\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\n"
         "complete -o default -F _perfgate perfgate\n";
}

std::string zsh_completion(const std::vector<PreparedCommand>& commands) {
  const auto entry = [](std::string_view name, std::string_view meaning) {
    return "      " + single_quoted(fmt::format("{}:{}", name, escaped(meaning, {{':', "\\:"}}))) +
           "\n";
  };
  const auto options = [&](const PreparedCommand& command) {
    std::string text = "    options=(\n" + entry("--help", "print the options");
    for (const OptionHelp* option : listed(command))
      for (const std::string& name : option->names) text += entry(name, option->description);
    return text + "    )\n";
  };
  const auto words = [&](std::string_view beginning) {
    std::string text = "    names=(\n";
    for (const Word& word : words_behind(commands, beginning))
      text += entry(word.text, word.meaning);
    return text + "    )\n";
  };
  std::string text =
      "#compdef perfgate\n# zsh completion of perfgate, written by `perfgate generate zsh`.\n"
      "local -a names options\nlocal typed=\" ${(j: :)words[2,CURRENT-1]} \"\n"
      "if ((CURRENT == 2)); then\n" +
      words("") + "fi\ncase $typed in\n";
  for (const PreparedCommand& command : commands)
    text += fmt::format("  *' {} '*)\n{}    ;;\n", command.row->path, options(command));
  for (const std::string& group : groups_of(commands))
    text += fmt::format("  *' {} '*)\n{}    ;;\n", group, words(group + ' '));
  return text + "  *)\n" + options(commands.front()) +
         "    ;;\nesac\nif [[ $PREFIX == -* ]]; then\n  _describe option options\n"
         "elif ((${#names})); then\n  _describe command names\nelse\n  _files\nfi\n";
}

std::string fish_completion(const std::vector<PreparedCommand>& commands) {
  std::string text = "# fish completion of perfgate, written by `perfgate generate fish`.\n";
  const auto words = [&](std::string_view condition, std::string_view beginning) {
    for (const Word& word : words_behind(commands, beginning))
      text +=
          fmt::format("complete -c perfgate -n {} -a {}{}\n", single_quoted(condition), word.text,
                      word.meaning.empty() ? "" : " -d " + single_quoted(word.meaning));
  };
  words("__fish_use_subcommand", "");
  for (const std::string& group : groups_of(commands))
    words(fmt::format("__fish_seen_subcommand_from {}", group), group + ' ');
  for (const PreparedCommand& command : commands) {
    // Both words of "baseline refresh" were typed.
    std::string condition = fmt::format("__fish_seen_subcommand_from {}", command.row->path);
    if (const std::size_t space = condition.rfind(' ');
        command.row->path.find(' ') != std::string_view::npos)
      condition.replace(space, 1, "; and __fish_seen_subcommand_from ");
    if (&command == &commands.front()) condition += "; or __fish_use_subcommand";  // the default
    for (const OptionHelp* option : listed(command)) {
      text += fmt::format("complete -c perfgate -n {}", single_quoted(condition));
      for (const std::string& name : option->names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      text += fmt::format("{} -d {}\n", option->placeholder.empty() ? "" : " -r",
                          single_quoted(option->description));
    }
  }
  return text;
}

}  // namespace perfgate
