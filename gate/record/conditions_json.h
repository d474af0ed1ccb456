// SPDX-License-Identifier: Apache-2.0
// Reads and writes the conditions of a run record (docs/formats.md).
#pragma once

#include "gate/record/conditions.h"
#include "gate/util/json_object.h"

namespace perfgate {

Json write_conditions(const Conditions& conditions);
Conditions read_conditions(JsonObject json);

}  // namespace perfgate
