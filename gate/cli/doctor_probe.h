// Gathers what `perfgate doctor` judges. Reads files and the driver; changes nothing.
#pragma once

#include <filesystem>

#include "gate/cli/cli.h"
#include "gate/doctor/doctor.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Where /proc and its like are looked for; tests have a tree of their own.
struct ProbeRoot {
  std::filesystem::path path = "/";
};

MachineFacts probe_machine(const ProbeRoot& root);

/// The command: gathers, prints one line a finding. Exit code 3 when one is FAIL.
ExitCode run_doctor(const Options& options, const ProbeRoot& root = {});

}  // namespace perfgate
