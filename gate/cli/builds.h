// SPDX-License-Identifier: Apache-2.0
// Measures two builds of the runner in interleaved rounds; each is judged only by the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/cli/options.h"
#include "gate/cli/session.h"
#include "gate/measure/measure_program.h"

namespace perfgate {

enum class WithCounters { yes, no };

/// --rounds N
void add_rounds(CommandParser& parser, std::optional<int>& rounds);

/// Measures the head build (the runner of `options`) with `head_arguments` against `base`.
RunRecord measure_builds(const MeasuringOptions& options, const Project& project,
                         const Config& config, const std::vector<std::string>& head_arguments,
                         const Build& base, WithCounters counters, std::optional<int> rounds,
                         const std::vector<std::string>& explain);

/// Measures a program against its base build; `notes` get what the reader must know of it.
RunRecord measure_program_builds(const MeasuringOptions& options, const Project& project,
                                 const Config& config, const ProgramTask& task,
                                 std::optional<int> rounds, std::vector<std::string>& notes);

Report judge_builds(const RunRecord& run, const Config& config);

}  // namespace perfgate
