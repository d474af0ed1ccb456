// SPDX-License-Identifier: Apache-2.0
// Tests the gate on this machine: it judges a build against itself, with or without a known
// slowdown planted in it, and its findings are compared with the truth.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gate/report/report.h"

namespace perfgate {

/// A slowdown that the GPU really executes in some parts of each group (perfgate-runner's
/// --stretch).
struct Planted {
  std::vector<std::string> parts;  ///< empty: nothing is planted, an A/A run
  double ratio = 0;                ///< ratio to the part's time: 0.02 is two percent
};

/// The result for one case.
enum class Finding {
  quiet,      ///< untouched, and not called slower
  alarm,      ///< untouched, and called slower
  found,      ///< planted, and called slower
  missed,     ///< planted, large enough to be seen, and not called slower
  too_small,  ///< planted below the case's threshold and detectable effect, so it need not be found
  no_verdict,  ///< the case was not measured
  touched,     ///< a whole that holds a planted part: neither clean nor planted by a known share
};
std::string_view finding_id(Finding finding);

/// Returns the finding for one case of an A/B run whose head had `planted` in it.
Finding finding_of(const CaseReport& entry, const Planted& planted);

/// Whether this machine may run a gate: nothing missed, no alarm, everything measured.
bool qualified(const Report& report, const Planted& planted);

/// Returns a table for a terminal that ends with one sentence.
std::string render_qualification(const Report& report, const Planted& planted, std::size_t columns);

}  // namespace perfgate
