// perfgate-runner refuses what it was asked for: exit code 2, and why in its last line. Asked
// again, it would say the same; it is the gate's exit code 2, too.
#pragma once

#include <string_view>

#include "gate/os/process.h"

namespace perfgate {

/// Throws UsageError with the runner's own words where it refused. Another program's exit code 2
/// (an older runner's, that does not know an argument) has none, and is left to the caller. `whose`
/// says which build it was, where that is a question.
void pass_on_refusal(const ChildResult& runner, std::string_view whose = "");

}  // namespace perfgate
