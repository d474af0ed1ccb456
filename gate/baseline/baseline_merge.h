// A refresh of some cases: whether they may stand beside the others, and the file that results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"

namespace perfgate {

/// What makes durations of `now` incomparable with those of `before` even where no kernel changed:
/// "driver 580.1 now, 570.8 in the file"; empty when nothing does. Both hold what could be read.
std::optional<std::string> other_conditions(const Baseline& before, const Baseline& now);

/// `before` with the cases of `now` in place of its own, and their date and commit beside them; the
/// file's stay those of the other cases. New cases come where `order` (the plan's ids) has them.
/// Accepted changes of replaced cases are dropped: they were about other numbers.
Baseline replace_cases(Baseline before, const Baseline& now, const std::vector<std::string>& order);

/// Why a change of a case is taken over into the baseline, as given on the command line.
struct Acceptance {
  std::string case_id, why;
};

/// Records in `after` that the changes from `before` are meant. Throws UsageError for a case that
/// is not in both, so that there is no change to accept.
void accept_changes(Baseline& after, const Baseline& before, const std::vector<Acceptance>& given,
                    const std::string& when);

}  // namespace perfgate
