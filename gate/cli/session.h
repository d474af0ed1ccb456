// SPDX-License-Identifier: Apache-2.0
// The steps that several commands share: find the project's config, get a run, judge it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/cli/baseline_source.h"
#include "gate/cli/options.h"
#include "gate/cli/program_options.h"
#include "gate/cli/project.h"
#include "gate/gpu/gpu_choice.h"
#include "gate/measure/measure.h"
#include "gate/record/record.h"
#include "gate/report/report.h"

namespace perfgate {

/// Returns the current time, "2025-01-02T03:04:05Z".
std::string utc_now();

/// Returns seconds of wall time.
double seconds_since(std::chrono::steady_clock::time_point begin);

/// Returns a seed that differs from run to run.
std::uint64_t drawn_seed();

/// Returns the commit of the tree that contains `root`, with "-dirty" when it was changed; without
/// a work tree, the commit that GitHub gives; "" when neither is known.
std::string commit_of(const std::filesystem::path& root);

/// Returns the head commit of the pull request whose merge commit this step of a workflow tests,
/// where `commit` is that merge commit; else "".
std::string head_of_event(const std::string& commit);

/// Puts the options that change policy into the config.
void apply_options(Config& config, const PolicyOptions& policy);

/// Returns the project's config with the options that change policy.
Config configured(const Project& project, const PolicyOptions& policy);

/// Returns the GPU of --gpu. Throws NoVerdict when it is not there.
NvmlGpu required_gpu(const Config& config, const GpuOptions& gpu);

/// Returns a record without measurements, with its provenance.
RunRecord empty_record(const std::string& command_line, Plan plan);

/// Returns a request for `gpu` with its provenance, whose plan is still empty.
MeasureRequest request_on(const MeasuringOptions& options, const Project& project,
                          const Config& config, const NvmlGpu& gpu, int processes);

/// Returns a request for a program, whose metrics are the config's. Throws NoVerdict where it wants
/// more GPUs than this machine has.
MeasureRequest make_program_request(const MeasuringOptions& options, const Project& project,
                                    const Config& config, const ProgramTask& task,
                                    const NvmlGpu& gpu, int processes);

/// Returns the measurements of the suite to make on `gpu`, with their provenance. The GEMM kernels
/// are those of `tuning`, as what the run is compared with has them.
MeasureRequest make_request(const MeasuringOptions& options, const Project& project,
                            const Config& config, const NvmlGpu& gpu, int processes,
                            const std::vector<GemmChoice>& tuning);

using Measuring = std::function<RunRecord(const MeasureRequest&, const Progress&)>;

/// Measures with the GPU to itself, and with its clocks locked if requested.
RunRecord measure_with_progress(MeasureRequest request, const MeasuringOptions& options,
                                const Measuring& measuring = measure);

/// Returns a saved run, with the selected cases. Throws NoVerdict when it is another GPU's,
/// UsageError when a glob matches none of its cases.
RunRecord load_run(const std::filesystem::path& file, const GpuOptions& gpu,
                   const SelectOptions& select);

/// Measures, or replays if requested. Throws NoVerdict without a GPU. `processes` is the number
/// without --processes.
RunRecord obtain_run(const MeasuringOptions& options, const RunSource& source,
                     const Project& project, const Config& config, int processes);

/// The same for a program; the record holds what was seen of it.
RunRecord obtain_program(const MeasuringOptions& options, const RunSource& source,
                         const Project& project, const Config& config, const ProgramTask& task,
                         int processes);

/// Throws before anything is judged: an empty trace would look as if nothing had run.
void require_timelines(const RunRecord& run, const std::filesystem::path& file,
                       const ReportOptions& reports);

/// Returns the verdicts and what explains them.
Report judge_and_explain(const RunRecord& run, const Baseline& baseline, const Config& config);

/// Does the same, and adds notes about the baseline, the policy and the commit.
Report judge_against(const RunRecord& run, const StoredBaseline& stored, const Config& config,
                     const std::vector<std::string>& notes = {});

/// Returns several result files as one report.
Report load_results(const std::vector<std::string>& files);

}  // namespace perfgate
