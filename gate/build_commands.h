// Two builds of the runner, interleaved: `perfgate ab`, and `perfgate qualify`, which shows the
// gate one build twice.
#pragma once

#include "cli.h"
#include "exit_code.h"

namespace perfgate {

ExitCode compare_builds(const Options& options);
ExitCode qualify_machine(const Options& options);

}  // namespace perfgate
