// What was launched, and when it ran, as it stands in a run record (docs/formats.md).
#pragma once

#include "gate/record/record.h"
#include "gate/util/json_object.h"

namespace perfgate {

Json write_launch(const KernelLaunch& launch);
KernelLaunch read_launch(JsonObject json);

Json write_timeline(const StepTimeline& timeline);

/// Refuses what cannot have been: a kernel that ends before it starts or stands behind a later one.
StepTimeline read_timeline(JsonObject json, const Plan& plan);

}  // namespace perfgate
