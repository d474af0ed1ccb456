// SPDX-License-Identifier: Apache-2.0
// Reads and writes launches and timelines of a run record (docs/formats.md).
#pragma once

#include "gate/record/record.h"
#include "gate/util/json_object.h"

namespace perfgate {

Json write_launch(const KernelLaunch& launch);
KernelLaunch read_launch(JsonObject json);

Json write_timeline(const StepTimeline& timeline);

/// Refuses what is impossible: a kernel that ends before it starts or is listed after a later one.
StepTimeline read_timeline(JsonObject json, const Plan& plan);

}  // namespace perfgate
