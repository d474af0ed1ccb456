// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/repeated_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace perfgate {

namespace {

/// A run that is to join a file has more digits than the file keeps.
std::string stored_digits(double seconds) {
  return fmt::format("{:.7g}", seconds * 1e6);
}

bool same_durations(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return stored_digits(x) == stored_digits(y); });
}

/// Returns how many cases both sessions have; 0 where one of them differs.
std::size_t equal_cases(const Baseline& baseline, int first, int again) {
  std::size_t equal = 0;
  for (const BaselineCase& stored : baseline.cases) {
    const auto a = stored.sessions_s.find(first), b = stored.sessions_s.find(again);
    if (a == stored.sessions_s.end() || b == stored.sessions_s.end()) continue;
    if (!same_durations(a->second, b->second)) return 0;
    ++equal;
  }
  return equal;
}

}  // namespace

std::optional<RepeatedSession> repeated_session(const Baseline& baseline) {
  const auto same_start = [](const BaselineSession& a, const BaselineSession& b) {
    return a.created == b.created && a.board == b.board;
  };
  for (auto again = baseline.sessions.begin(); again != baseline.sessions.end(); ++again)
    for (auto first = baseline.sessions.begin(); first != again; ++first)
      if (const std::size_t cases = same_start(first->second, again->second)
                                        ? equal_cases(baseline, first->first, again->first)
                                        : 0)
        return RepeatedSession{first->first, again->first, cases};
  return std::nullopt;
}

}  // namespace perfgate
