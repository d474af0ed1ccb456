// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline_lint.h"
#include "gate/config/make_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/baseline/baseline.h"
#include "gate/record/plan.h"
#include "gate/util/checksum.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns "h200" for "some/where/h200.toml".
std::string stem_of(std::string_view file) {
  file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
  if (file.ends_with(".toml")) file.remove_suffix(5);
  return std::string(file);
}

/// Returns the [[program]] of the config that a case belongs to; "" when there is none.
std::string program_of(std::string_view case_id, const Config& config) {
  for (const ProgramSpec& spec : config.programs)
    if (is_case_of_program(program_source(spec).id, case_id)) return spec.name;
  return "";
}

}  // namespace

std::vector<std::string> lint_baseline(std::string_view text, const std::string& file,
                                       const Config& config) {
  std::vector<std::string> findings;
  const auto find = [&](const std::string& what, std::string_view fix) {
    findings.push_back(fmt::format("{}: {}; {}", file, one_line(what), fix));
  };
  Baseline baseline;
  try {
    baseline = read_baseline(text, file);
  } catch (const UsageError& error) {
    // A file that cannot be read gives no further findings. The error names file and line itself.
    std::string line = one_line(error.what());
    if (!line.ends_with(refresh_fix)) line += fmt::format("; {}", refresh_fix);
    return {line};
  }
  if (checksum_state(text) == ChecksumState::missing)
    find("no checksum, so an edit by hand is not seen", refresh_fix);
  const std::string own = board_file({baseline.gpu_id, baseline.gpu.uuid});
  if (const std::string stem = stem_of(file); stem != baseline.gpu_id && stem != stem_of(own))
    find(fmt::format("gpu_id is {}, so this file is never read as {}'s", baseline.gpu_id, stem),
         one_line(fmt::format("name it {}.toml, or {} for its board alone", baseline.gpu_id, own)));
  if (!find_gpu(config.gpus, baseline.gpu_id)) {
    std::vector<std::string> known;
    for (const GpuModel& gpu : config.gpus) known.push_back(gpu.id);
    find(fmt::format("no file of configs/gpus has the id {}{}", baseline.gpu_id,
                     did_you_mean(baseline.gpu_id, known)),
         one_line(fmt::format("add configs/gpus/{}.toml", baseline.gpu_id)));
  }
  std::vector<std::string> planned;
  if (config.measures_suite) planned = case_ids(make_plan(config, {}));
  if (const auto sessions = static_cast<int>(baseline.sessions.size());
      sessions < config.measure.baseline_sessions)
    find(fmt::format("{}, measure.baseline_sessions asks for {}",
                     count_of(baseline.sessions.size(), "session"),
                     config.measure.baseline_sessions),
         "add one with `perfgate baseline refresh --add`");
  const auto fewest = static_cast<std::size_t>(config.measure.baseline_processes);
  for (const BaselineCase& stored : baseline.cases) {
    const std::string program = program_of(stored.id, config);
    if (program.empty() && std::find(planned.begin(), planned.end(), stored.id) == planned.end())
      find(stored.id + ": in the file, but not in the plan",
           "take it up in the suite of configs/perfgate.toml, or drop it with a full `perfgate "
           "baseline refresh`");
    const std::size_t processes = stored.durations_s().size();
    if (processes < fewest)
      find(fmt::format("{}: {}, measure.baseline_processes asks for {}", stored.id,
                       count_of(processes, "process"), fewest),
           program.empty()
               ? fmt::format("measure it again with `perfgate baseline refresh --only '{}'`",
                             one_line(stored.id))
               : fmt::format("measure it again with `perfgate baseline refresh --program "
                             "{}`",
                             program));
  }
  for (const std::string& id : planned)
    if (!baseline.find(id))
      find(id + ": planned, but not in the file",
           fmt::format("add it with `perfgate baseline refresh --only '{}'`", id));
  return findings;
}

}  // namespace perfgate
