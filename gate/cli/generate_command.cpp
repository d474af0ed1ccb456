// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/generate_command.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>

#include "gate/cli/chosen_row.h"
#include "gate/cli/commands.h"
#include "gate/cli/manual.h"
#include "gate/os/terminal.h"

namespace perfgate {

namespace {

struct Generator {
  std::string_view id;
  std::string (*text)(const std::vector<PreparedCommand>&);
};
constexpr std::array<Generator, 4> generators{{{"man", manual_page},
                                               {"bash", bash_completion},
                                               {"zsh", zsh_completion},
                                               {"fish", fish_completion}}};

}  // namespace

Action prepare_generate(CommandParser& parser) {
  auto what = std::make_shared<std::string>();
  parser.argument(*what);
  parser.check([what] { chosen("generate", generators, *what); });
  return [what] {
    print_stdout(
        chosen("generate", generators, *what).text(prepare_commands(all_commands(), "perfgate")));
    return ExitCode::pass;
  };
}

}  // namespace perfgate
