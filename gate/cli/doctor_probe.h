// SPDX-License-Identifier: Apache-2.0
// Gathers what `perfgate doctor` judges. It reads files and the driver, and changes nothing.
#pragma once

#include <filesystem>

#include "gate/cli/options.h"
#include "gate/cli/project.h"
#include "gate/doctor/doctor.h"

namespace perfgate {

/// Where /proc and similar folders are; tests have a tree of their own.
struct ProbeRoot {
  std::filesystem::path path = "/";
};

ObservedMachine probe_machine(const ProbeRoot& root);

/// The files and the GPU that a measurement would use.
struct ProbeRequest {
  GpuOptions gpu;
  std::filesystem::path runner;
  ClockPolicy clocks = ClockPolicy::observe;
  BaselineOptions baseline;
};

/// Observes the machine, the runner, and the GPU with its baseline where there is one.
Observations probe(const Project& project, const Config& config, const ProbeRequest& request,
                   const ProbeRoot& root = {});

}  // namespace perfgate
