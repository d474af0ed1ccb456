// SPDX-License-Identifier: Apache-2.0
// Names the workloads that keep time with the device memory's beat.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/record/record.h"

namespace perfgate {

/// Returns the beat that the first valid process with one found, of the build under test.
std::optional<MemoryBeat> memory_beat_of(const RunRecord& run);

/// Returns which multiple of the beat a period is: it is off by at most 3 % of itself, and by at
/// most a tenth of a beat, because any long period is within 3 % of some multiple. Empty: of none.
std::optional<int> beats_in(double period_s, const MemoryBeat& beat);

/// Returns a note for each whole of other cases, such as a layer, whose duration is a multiple of
/// the beat: without random waits the same ones of its parts would be hit every time.
std::vector<std::string> beat_notes(const RunRecord& run);

}  // namespace perfgate
