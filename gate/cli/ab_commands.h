// Two builds of the runner, interleaved: `perfgate ab`, and `perfgate qualify`, which shows the
// gate one build twice.
#pragma once

#include "gate/cli/cli.h"
#include "gate/util/exit_code.h"

namespace perfgate {

ExitCode compare_builds(const Options& options);
ExitCode qualify_machine(const Options& options);

}  // namespace perfgate
