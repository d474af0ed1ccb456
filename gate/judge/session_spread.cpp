// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/session_spread.h"

#include <algorithm>

namespace perfgate {

void add_session_spread(std::span<Evidence* const> evidences, const SpreadPolicy& policy) {
  // A case whose processes scatter widely tells little of the sessions, so it counts for less; the
  // policy's deviation keeps the steadiest few from speaking for all.
  const double least = policy.session * policy.session;
  double sum = 0, weights = 0;
  for (const Evidence* evidence : evidences) {
    const SessionScatter found = session_scatter(evidence->baseline);
    if (found.between.freedom < 1) continue;
    const double precision = 1 / (found.of_means + least);
    const double weight = found.between.freedom * precision * precision;
    sum += weight * found.between.value;
    weights += weight;
  }
  // Sessions of one hour do not tell of days: what the policy expects is the least.
  const double between = weights > 0 ? std::max(sum / weights, least) : least;
  for (Evidence* evidence : evidences) evidence->session = {between, policy.freedom};
}

Variance unseen_board(const Evidence& evidence, std::size_t boards) {
  const auto sessions = static_cast<double>(evidence.baseline.size());
  const double draws = std::min(static_cast<double>(boards), sessions);
  const Variance seen = session_scatter(evidence.baseline).between;
  const double between = std::max({evidence.session.value, seen.value, 0.0});
  return {between * (1 / draws - 1 / sessions), evidence.session.freedom};
}

}  // namespace perfgate
