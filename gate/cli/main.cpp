// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <exception>
#include <new>

#include "gate/cli/commands.h"
#include "gate/os/environment.h"
#include "gate/os/interrupt.h"
#include "gate/os/terminal.h"
#include "gate/post/actions_log.h"
#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

int main(int argc, char** argv) {
  using namespace perfgate;
  const auto fail = [](ExitCode code, const std::exception& error) {
    // A text from outside may be quoted in it, and a line of megabytes helps nobody.
    constexpr std::size_t longest = 2000;
    print_stderr(for_actions_log(
        fmt::format("perfgate: error: {}\n", clipped(printable(error.what()), longest))));
    return static_cast<int>(code);
  };
  // Before anything is opened, started or read.
  occupy_standard_files();
  hide_secrets();
  try {
    catch_interrupts();
    call_while_parsing(throw_if_interrupted);
    return static_cast<int>(run_command_line(argc, argv));
  } catch (const UsageError& error) {
    return fail(ExitCode::usage, error);
  } catch (const Interrupted& error) {
    return fail(ExitCode::interrupted, error);
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::no_verdict, NoVerdict("there is not enough memory"));
  } catch (const std::exception& error) {
    return fail(ExitCode::no_verdict, error);
  }
}
