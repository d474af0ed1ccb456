// SPDX-License-Identifier: Apache-2.0
// The history that github-action-benchmark kept: the `data.js` of its page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gate/history/history.h"

namespace perfgate {

struct ImportedHistory {
  History history;
  std::vector<std::string> notes;  ///< what was left out
};

/// Returns the runs of one suite of the file; `suite` may be "" where there is one only. `utc`
/// turns seconds since 1970 into ISO 8601. Values in a unit that is no time are left out. Throws
/// UsageError for what is no such file, or has several suites.
ImportedHistory read_data_js(std::string_view text, const std::string& source,
                             const std::string& suite, const std::string& gpu_id,
                             std::string (*utc)(std::int64_t seconds));

}  // namespace perfgate
