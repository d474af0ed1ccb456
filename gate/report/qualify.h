// What a gate is worth on this machine: it is shown a build against itself, with or without a known
// slowdown planted in it, and asked what it sees.
#pragma once

#include <string>
#include <vector>

#include "gate/report/report.h"

namespace perfgate {

/// A slowdown that the GPU really executes in some parts of each group (perfgate-runner's
/// --stretch).
struct Planted {
  std::vector<std::string> parts;  ///< empty: nothing is planted, an A/A
  double ratio = 0;                ///< of the part's time: 0.02 is two percent
};

/// What became of one case.
enum class Finding {
  quiet,       ///< untouched, and not called slower
  alarm,       ///< untouched, and called slower
  found,       ///< planted, and called slower
  missed,      ///< planted, large enough to be seen, and not called slower
  too_small,   ///< planted below the case's threshold and detectable effect: it was not to be found
  no_verdict,  ///< not measured
  touched,     ///< a whole that holds a planted part: neither clean nor planted by a known share
};
std::string_view finding_id(Finding finding);

/// The finding of one case of an A/B run whose head had `planted` in it.
Finding finding_of(const CaseReport& one, const Planted& planted);

/// Whether this machine may be trusted with a gate: nothing missed, no alarm, everything measured.
bool qualified(const Report& report, const Planted& planted);

/// A table and one sentence at its end.
std::string render_qualification(const Report& report, const Planted& planted);

}  // namespace perfgate
