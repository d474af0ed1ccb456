// What each command does: the pipeline of design section 2.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "gate/baseline/baseline.h"
#include "gate/cli/cli.h"
#include "gate/cli/project.h"
#include "gate/measure/measure.h"
#include "gate/record/record.h"
#include "gate/report/report.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Throws UsageError, NoVerdict or Interrupted; main turns them into exit codes.
ExitCode run_command(const Options& options);

// What the commands of other files share with those of commands.cpp.

/// Measures, or replays when that was asked for. Throws NoVerdict without a GPU.
RunRecord obtain_run(const Options& options, const House& house, const Config& config,
                     int processes);

/// The config under the options that change policy.
Config configured(const House& house, const Options& options);

/// What is to be measured on `gpu`, with its provenance.
MeasureRequest make_request(const Options& options, const House& house, const Config& config,
                            const NvmlGpu& gpu, int processes);

using Measuring = std::function<RunRecord(const MeasureRequest&, const Progress&)>;

/// Measures with the GPU to itself, and with its clocks locked where that was asked for.
RunRecord measure_with_progress(MeasureRequest request, const Options& options,
                                const Measuring& measuring = measure);

/// The verdicts and what explains them.
Report judge_and_explain(const RunRecord& run, const Baseline& baseline, const Config& config);

/// Seconds of wall time.
double seconds_since(std::chrono::steady_clock::time_point begin);

}  // namespace perfgate
