// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/doctor_command.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gate/cli/doctor_probe.h"
#include "gate/cli/options.h"
#include "gate/cli/session.h"
#include "gate/os/terminal.h"

namespace perfgate {

namespace {

struct DoctorOptions {
  ProjectOptions project;
  GpuOptions gpu;
  PolicyOptions policy;
  std::optional<std::string> runner;
  bool lock_clocks = false;
  BaselineOptions baseline;
};

/// Returns exit code 3 when a finding is FAIL.
ExitCode doctor(const DoctorOptions& options) {
  const Project project = find_project(options.project.config);
  const Config config = configured(project, options.policy);
  const ClockPolicy clocks = options.lock_clocks ? ClockPolicy::lock : config.measure.clocks;
  const std::vector<Finding> findings = diagnose(
      probe(project, config, {options.gpu, runner_path(options.runner), clocks, options.baseline}));
  print_text(render_findings(findings));
  return worst(findings) == Health::fail ? ExitCode::no_verdict : ExitCode::pass;
}

}  // namespace

Action prepare_doctor(CommandParser& parser) {
  auto options = std::make_shared<DoctorOptions>();
  add_project(parser, options->project);
  add_gpu(parser, options->gpu);
  add_backend(parser, options->policy);
  add_runner(parser, options->runner);
  add_lock_clocks(parser, options->lock_clocks);
  add_baseline_file(parser, options->baseline);
  return [options] { return doctor(*options); };
}

}  // namespace perfgate
