// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/evidence.h"

namespace perfgate {

std::vector<double> Evidence::baseline_s() const {
  std::vector<double> all;
  for (const StoredSession& stored : baseline)
    all.insert(all.end(), stored.durations_s.begin(), stored.durations_s.end());
  return all;
}

double Evidence::machine() const {
  double sum = 0;
  for (const StoredSession& stored : baseline) sum += stored.machine;
  return baseline.empty() ? 0 : sum / static_cast<double>(baseline.size());
}

}  // namespace perfgate
