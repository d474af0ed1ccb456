// What the HTML page knows: the report as JSON for its script. A format between two parts of one
// program, documented by its reader (gate/report/page/); other programs take --json.
#pragma once

#include "gate/report/report.h"
#include "gate/util/json_object.h"

namespace perfgate {

/// Numbers with six significant digits: 10,000 cases must stay a file that one can send.
Json page_data(const Report& report);

}  // namespace perfgate
