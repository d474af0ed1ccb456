// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/tuning.h"

#include "gate/decode/decode_source.h"
#include "gate/util/id_table.h"

namespace perfgate {

std::vector<GemmChoice> choices_of(const Baseline& baseline) {
  std::vector<GemmChoice> choices;
  for (const StoredChoice& stored : baseline.tuning)
    choices.push_back({{stored.batch, stored.n, stored.k},
                       find_by_id(dtypes, stored.dtype)->dtype,
                       stored.variant,
                       stored.margin});
  return choices;
}

std::vector<StoredChoice> tuning_of(const RunRecord& run) {
  std::vector<StoredChoice> tuning;
  for (const GemmChoice& choice : choices_of(run.plan))
    tuning.push_back({choice.shape.m, choice.shape.n, choice.shape.k,
                      std::string(dtype_id(choice.dtype)), choice.variant, choice.margin});
  return tuning;
}

}  // namespace perfgate
