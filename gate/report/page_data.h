// SPDX-License-Identifier: Apache-2.0
// The HTML page's data: the report as JSON for its script. The format is internal; its reader
// documents it (gate/report/page/). Other programs take --json.
#pragma once

#include "gate/report/report.h"
#include "gate/util/json_object.h"

namespace perfgate {

/// Numbers have six significant digits: a report of 10,000 cases must stay small enough to send.
Json page_data(const Report& report);

}  // namespace perfgate
