#include <fmt/format.h>

#include <exception>

#include "gate/cli/cli.h"
#include "gate/cli/commands.h"
#include "gate/os/process.h"
#include "gate/os/terminal.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

int main(int argc, char** argv) {
  using namespace perfgate;
  const auto fail = [](ExitCode code, const std::exception& error) {
    print_stderr(for_actions_log(fmt::format("perfgate: error: {}\n", printable(error.what()))));
    return static_cast<int>(code);
  };
  try {
    const ParsedCli parsed = parse_cli(argc, argv);
    if (!parsed.options) {
      print_stdout(parsed.text);
      return static_cast<int>(ExitCode::pass);
    }
    catch_interrupts();
    return static_cast<int>(run_command(*parsed.options));
  } catch (const UsageError& error) {
    return fail(ExitCode::usage, error);
  } catch (const Interrupted& error) {
    return fail(ExitCode::interrupted, error);
  } catch (const std::exception& error) {
    return fail(ExitCode::no_verdict, error);
  }
}
