// SPDX-License-Identifier: Apache-2.0
// The cases of the built-in layer: its stages and the whole layer, with what they need.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "gate/decode/layer_model.h"
#include "gate/record/case.h"

namespace perfgate {

/// The part (of the id) of the case that is the whole layer, replayed as a CUDA graph.
inline constexpr std::string_view layer_case = "layer";

/// Returns the stages of a workload in order, then its layer. `source` is an index into
/// Plan::sources.
std::vector<Case> cases_of(const Workload& workload, std::size_t source = 0);

}  // namespace perfgate
