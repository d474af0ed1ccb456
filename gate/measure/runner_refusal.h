// SPDX-License-Identifier: Apache-2.0
// When perfgate-runner refuses a request, it exits with code 2 and says why in its last line. Asked
// again, it would say the same; so the gate exits with code 2, too.
#pragma once

#include <string_view>

#include "gate/os/process.h"

namespace perfgate {

/// Throws UsageError with the runner's own words where it refused. An exit code 2 without such
/// words (of an older runner that does not know an argument) is left to the caller. `whose` names
/// the build where there are two.
void pass_on_refusal(const ChildResult& runner, std::string_view whose = "");

}  // namespace perfgate
