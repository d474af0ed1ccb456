// SPDX-License-Identifier: Apache-2.0
// Which policy judges: the work tree's, or with --baseline-ref that commit's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/cli/options.h"
#include "gate/cli/project.h"

namespace perfgate {

struct JudgingConfig {
  Config config;
  std::vector<std::string> notes;  ///< notes for the report
  /// What the policy of --baseline-ref, where it is another, measures without --program. A run
  /// without --program owes its cases, though the change may have renamed or dropped it.
  std::optional<std::string> default_source{};
};

/// Returns the config with the options that change policy. With --baseline-ref how it is measured
/// and judged ([measure], [judge], the metrics) is that commit's, so that a change cannot loosen
/// its own judge; what is measured stays the change's, for it may add cases. Throws UsageError for
/// an unknown ref, and for a policy there that cannot be read.
JudgingConfig judging_config(const Project& project, const PolicyOptions& policy,
                             const BaselineOptions& baseline);

}  // namespace perfgate
