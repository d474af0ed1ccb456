// SPDX-License-Identifier: Apache-2.0
// Which baseline file a command uses, and its contents: from the work tree or from git.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"
#include "gate/cli/options.h"
#include "gate/cli/project.h"
#include "gate/decode/gemm_choice.h"

namespace perfgate {

/// Returns --baseline, else the project's file for this board where there is one, else
/// baselines/<gpu>.toml.
std::filesystem::path baseline_path(const BaselineOptions& options, const Project& project,
                                    const Board& board);

/// Throws NoVerdict when the file is missing, UsageError when it cannot be trusted.
Baseline load_baseline(const std::filesystem::path& file, const std::string& gpu);

struct StoredBaseline {
  Baseline baseline;
  std::vector<std::string> notes;  ///< notes for the report
};

/// Returns the baseline that judges a run of `board`: its file in the commit that --baseline-ref
/// names, so that a change cannot edit its own judge; without that option the file of
/// baseline_path(). Throws UsageError for an unknown ref, else as load_baseline().
StoredBaseline stored_baseline(const BaselineOptions& options, const Project& project,
                               const Board& board);

/// Returns the choices of GEMM kernels in the project's baseline for `board`; none without a file.
std::vector<GemmChoice> stored_tuning(const Project& project, const Board& board);

}  // namespace perfgate
