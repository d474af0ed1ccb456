// What each command does: the pipeline of design section 2.
#pragma once

#include "cli.h"
#include "exit_code.h"

namespace perfgate {

/// Throws UsageError, NoVerdict or Interrupted; main turns them into exit codes.
ExitCode run_command(const Options& options);

}  // namespace perfgate
