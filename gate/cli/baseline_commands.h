// `perfgate baseline ...`: the stored baselines.
#pragma once

#include "gate/cli/cli.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Measures and writes the baseline of a GPU; an invalid or incomplete run leaves it as it is. With
/// --only it replaces those cases in the file that is there.
ExitCode refresh_baseline(const Options& options);

/// Prints one baseline as a table.
ExitCode show_baseline(const Options& options);

/// Prints what differs between two files. Never fails for a difference: that is judge's to say.
ExitCode diff_baseline_files(const Options& options);

/// Prints what is wrong with the named files, or with all of the house; a finding is exit code 2.
ExitCode lint_baselines(const Options& options);

}  // namespace perfgate
