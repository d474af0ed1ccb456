// SPDX-License-Identifier: Apache-2.0
// A refresh of some cases: whether they may join the other cases, and the file that results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/baseline/baseline.h"

namespace perfgate {

/// Returns a condition that makes durations of `now` incomparable with those of `before` even where
/// no kernel changed: "driver 580.1 now, 570.8 in the file"; empty when there is none. Both hold
/// only what could be read.
std::optional<std::string> other_conditions(const Baseline& before, const Baseline& now);

/// Returns why the two are of different boards; empty: the board of `now` is one of the file's.
std::optional<std::string> other_board(const Baseline& before, const Baseline& now);

/// Returns why the sessions of `now` cannot stand beside those of `before`: other conditions,
/// other code, cases that `before` lacks, or sessions that it has already; empty: they can. Another
/// board is none of these.
std::optional<std::string> cannot_join(const Baseline& before, const Baseline& now);

/// Returns `before` with the sessions of `now` behind its own; cannot_join() is empty. Metrics stay
/// those of `before`; where the two differ, a metric repeats less well than each says of itself.
Baseline add_sessions(Baseline before, const Baseline& now);

/// Returns `before` with the cases of `now` in place of its own, in sessions of their own; the
/// file's date and commit stay those of the other cases. New cases come where `order` (the
/// plan's ids) has them. Accepted changes of replaced cases are dropped: they belonged to other
/// numbers.
Baseline replace_cases(Baseline before, const Baseline& now, const std::vector<std::string>& order);

/// Why a change of a case is accepted into the baseline, as given on the command line.
struct Acceptance {
  std::string case_id, why;
};

/// Records in `after` that the changes from `before` are intended. Throws UsageError for a case
/// that is not in both, because it has no change to accept.
void accept_changes(Baseline& after, const Baseline& before, const std::vector<Acceptance>& given,
                    const std::string& when);

}  // namespace perfgate
