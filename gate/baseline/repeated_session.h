// SPDX-License-Identifier: Apache-2.0
// Finds an invocation that counts as several sessions of a baseline: what sessions differ by is in
// every bound, and between copies of one that is nothing.
#pragma once

#include <cstddef>
#include <optional>

#include "gate/baseline/baseline.h"

namespace perfgate {

/// Two sessions that are one: begun at once on one board, with the same durations in each case that
/// both have.
struct RepeatedSession {
  int first = 0, again = 0;  ///< numbers of sessions
  std::size_t cases = 0;     ///< that both have
};

/// Returns the first session that repeats an earlier one of the same second and board; empty: there
/// is none. Durations are compared as a baseline's file keeps them. A few processes of one kernel
/// of 2 us may well take the same ticks of a GPU's clock twice, so equal durations alone prove
/// nothing.
std::optional<RepeatedSession> repeated_session(const Baseline& baseline);

}  // namespace perfgate
