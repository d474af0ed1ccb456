// Commands on saved results: `perfgate publish` and `perfgate merge`.
#pragma once

#include "gate/cli/cli.h"
#include "gate/util/exit_code.h"

namespace perfgate {

ExitCode publish_results(const Options& options);
ExitCode merge_files(const Options& options);

}  // namespace perfgate
