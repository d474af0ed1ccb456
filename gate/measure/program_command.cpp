// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/program_command.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include "gate/gpu/sampler.h"
#include "gate/os/descendants.h"

namespace perfgate {

namespace {

/// Processes that come and go with the program are its own: it may start as many as it likes.
void keep_others(Conditions& conditions, const GpuReading& before, const GpuReading& after) {
  if (!conditions.others) return;
  std::set<std::int64_t> there;
  for (const GpuReading* reading : {&before, &after})
    if (reading->processes)
      for (const GpuProcess& process : *reading->processes) there.insert(process.pid);
  std::erase_if(*conditions.others,
                [&](const GpuProcess& process) { return !there.contains(process.pid); });
}

}  // namespace

CommandStart run_command(const MeasureRequest& request, const ProgramTask& task,
                         const GpuReader& gpu, const std::vector<std::string>& command,
                         std::map<std::string, std::string> environment,
                         const std::function<bool()>& enough) {
  // The chosen GPU is the program's device 0.
  std::string& visible = environment["CUDA_VISIBLE_DEVICES"] = request.gpu.uuid;
  for (const std::string& more : request.more_gpus) visible += "," + more;
  const GpuReading before = gpu.read(ReadProcesses::yes);
  std::optional<Sampler> sampler;
  int program = 0;
  const auto run = [&] {
    const Descendants ended_with_it;
    return run_child(
        command, environment, request.timeout_s,
        [&](int pid) {
          program = pid;
          sampler.emplace(gpu, reading_interval);
        },
        ChildKind::user_command, enough, task.folder.string());
  };
  CommandStart out;
  out.child = run();
  const std::vector<GpuReading> during = sampler->stop();
  const GpuReading after = gpu.read(ReadProcesses::yes);
  out.conditions = summarise(before, during, after, program);
  keep_others(out.conditions, before, after);
  return out;
}

}  // namespace perfgate
