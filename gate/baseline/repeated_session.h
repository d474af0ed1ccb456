// SPDX-License-Identifier: Apache-2.0
// Finds an invocation that counts as several sessions of a baseline: what sessions differ by is in
// every bound, and between copies of one that is nothing.
#pragma once

#include <cstddef>
#include <optional>

#include "gate/baseline/baseline.h"

namespace perfgate {

/// Two sessions that are one: the same durations in each case that both have.
struct RepeatedSession {
  int first = 0, again = 0;  ///< numbers of sessions
  std::size_t cases = 0;     ///< that both have
};

/// Returns the first session that repeats an earlier one; empty: there is none. Durations are
/// compared as a baseline's file keeps them. Two invocations never measure the same seven digits in
/// every process of every case.
std::optional<RepeatedSession> repeated_session(const Baseline& baseline);

}  // namespace perfgate
