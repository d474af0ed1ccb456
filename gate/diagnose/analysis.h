// Everything in a report beyond the verdict: why a case changed, how far it is from the roofs, what
// was launched, how the durations are spread, under which conditions. Right of it nobody looks at a
// record.
#pragma once

#include "gate/baseline/baseline.h"
#include "gate/config/config.h"
#include "gate/record/record.h"
#include "gate/report/report.h"

namespace perfgate {

/// Fills what judge() leaves empty. `run` and `baseline` are those that `report` was judged from.
/// `gpu` are the datasheet's numbers; null: the pipes have no roof.
void add_details(Report& report, const RunRecord& run, const Baseline& baseline,
                 const GpuModel* gpu);

}  // namespace perfgate
