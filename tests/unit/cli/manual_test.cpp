// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/manual.h"

#include "gate/cli/commands.h"
#include "gate/util/exit_code.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("the manual page has every command, option and exit code", "[manual]") {
  const auto commands = prepare_commands(all_commands(), "perfgate");
  const std::string page = manual_page(commands);
  for (const PreparedCommand& command : commands) {
    const std::size_t section = page.find(".SS perfgate " + std::string(command.row->path));
    REQUIRE(section != std::string::npos);
    const std::string text = page.substr(section, page.find("\n.S", section + 1) - section);
    for (const OptionHelp& option : command.parser->options()) {
      INFO(command.row->path << " " << option.names.back());
      std::string name = "\\-";
      for (const char c : option.names.back().substr(1)) name += c == '-' ? "\\-" : std::string{c};
      CHECK((text.find(name) != std::string::npos) == !option.description.empty());
    }
  }
  for (const ExitCodeInfo& info : exit_codes)
    CHECK_THAT(page, ContainsSubstring(std::string(info.meaning)));
  // A line that begins with a dot is a request; ours are these.
  for (const std::string& line : split(page, '\n'))
    if (line.starts_with('.'))
      CHECK_THAT(line.substr(0, 3) + " ", StartsWith(".TH ") || StartsWith(".SH ") ||
                                              StartsWith(".SS ") || StartsWith(".TP ") ||
                                              StartsWith(".B ") || StartsWith(".I "));
}

TEST_CASE("completions name the commands and each one's options", "[manual]") {
  const auto commands = prepare_commands(all_commands(), "perfgate");
  CHECK_THAT(bash_completion(commands),
             ContainsSubstring("*\" baseline \"*) words='refresh show diff lint' ;;\n") &&
                 ContainsSubstring("*\" metrics \"*) options='--help --chip --set --config "
                                   "--runner' ;;\n"));
  CHECK_THAT(zsh_completion(commands),
             StartsWith("#compdef perfgate\n") &&
                 ContainsSubstring("  *' baseline lint '*)\n    options=(\n") &&
                 ContainsSubstring("'--chip:the chip, as CUPTI calls it\\: GH100'\n"));
  CHECK_THAT(fish_completion(commands),
             ContainsSubstring("-n '__fish_seen_subcommand_from baseline; and "
                               "__fish_seen_subcommand_from refresh' -l accept -r -d ") &&
                 ContainsSubstring("-n '__fish_use_subcommand' -a demo -d "));
}
