// SPDX-License-Identifier: Apache-2.0
// Reads and writes the plan of a run record (docs/formats.md).
#pragma once

#include "gate/record/plan.h"
#include "gate/util/json_object.h"

namespace perfgate {

Json write_plan(const Plan& plan);

Json write_metric(const Metric& metric);
Metric read_metric(JsonObject json);

/// Refuses a case that is listed twice, a case of an unknown source, and a plan without cases.
Plan read_plan(JsonObject json);

}  // namespace perfgate
