// What several commands do: find the project's config, get a run, judge it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/options.h"
#include "gate/cli/project.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/measure/measure.h"
#include "gate/record/record.h"
#include "gate/report/report.h"

namespace perfgate {

/// "2025-01-02T03:04:05Z", now.
std::string utc_now();

/// Seconds of wall time.
double seconds_since(std::chrono::steady_clock::time_point begin);

/// The commit of the tree that `root` lies in, with "-dirty" when it was changed; what GitHub says
/// where there is no work tree; "" when neither says it.
std::string commit_of(const std::filesystem::path& root);

/// The config under the options that change policy.
Config configured(const Project& project, const PolicyOptions& policy);

/// The GPU that --gpu asks for. Throws NoVerdict when it is not there.
NvmlGpu required_gpu(const Config& config, const GpuOptions& gpu);

/// A record in which nothing was measured yet, with its provenance.
RunRecord empty_record(const std::string& command_line, Plan plan);

/// What is to be measured on `gpu`, with its provenance.
MeasureRequest make_request(const MeasuringOptions& options, const Project& project,
                            const Config& config, const NvmlGpu& gpu, int processes);

using Measuring = std::function<RunRecord(const MeasureRequest&, const Progress&)>;

/// Measures with the GPU to itself, and with its clocks locked where that was asked for.
RunRecord measure_with_progress(MeasureRequest request, const MeasuringOptions& options,
                                const Measuring& measuring = measure);

/// A saved run, with the cases that were selected. Throws NoVerdict when it is another GPU's.
RunRecord load_run(const std::filesystem::path& file, const GpuOptions& gpu,
                   const SelectOptions& select);

/// Measures, or replays when that was asked for. Throws NoVerdict without a GPU. `processes` is
/// the number without --processes.
RunRecord obtain_run(const MeasuringOptions& options, const RunSource& source,
                     const Project& project, const Config& config, int processes);

/// Said before anything is judged: an empty trace would look as if nothing had run.
void require_timelines(const RunRecord& run, const std::filesystem::path& file,
                       const ReportOptions& reports);

/// The verdicts and what explains them.
Report judge_and_explain(const RunRecord& run, const Baseline& baseline, const Config& config);

/// The same, with what is to be said about the baseline itself.
Report judge_against(const RunRecord& run, const StoredBaseline& stored, const Config& config);

/// Several result files as one report.
Report load_results(const std::vector<std::string>& files);

}  // namespace perfgate
