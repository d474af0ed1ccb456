// SPDX-License-Identifier: Apache-2.0
// How far unchanged code moves between invocations besides its processes.
#pragma once

#include <cstddef>
#include <span>

#include "gate/config/judge_policy.h"
#include "gate/judge/conclusion.h"

namespace perfgate {

/// Sets the session's variance of each evidence: the mean over the cases that have several
/// sessions, but at least the policy's.
void add_session_spread(std::span<Evidence* const> evidences, const SpreadPolicy& policy);

/// Returns what is added where none of the sessions, which are of so many boards, is of the run's:
/// as if all that their scatter shows were the boards'.
Variance unseen_board(const Evidence& evidence, std::size_t boards);

}  // namespace perfgate
