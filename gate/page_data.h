// What the HTML page knows: the report as JSON for its script. A format between two parts of one
// program, documented by its reader (gate/page/); other programs take --json.
#pragma once

#include "json_object.h"
#include "report.h"

namespace perfgate {

/// Numbers with six significant digits: 10,000 cases must stay a file that one can send.
Json page_data(const Report& report);

}  // namespace perfgate
