// SPDX-License-Identifier: Apache-2.0
// One occurrence of a range kernel by kernel, and the durations of its kernels in all of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gate/program/observation.h"
#include "gate/record/timeline.h"

namespace perfgate {

/// A timeline has no more kernels than this: a record is a file that people keep.
inline constexpr std::size_t most_kernels_shown = 5000;

/// Returns the one of median span among `occurrences` of one range in `process`, which launched the
/// same; there must be one. `parts` are the cases' parts, one for each launch; `whole` is the
/// range's. Its group and way of launching stay as they are in a new timeline.
StepTimeline typical_occurrence(const Observation& process,
                                std::span<const Occurrence* const> occurrences,
                                std::span<const std::string> parts, std::string_view whole);

}  // namespace perfgate
