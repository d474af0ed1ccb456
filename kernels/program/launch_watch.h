// SPDX-License-Identifier: Apache-2.0
// CUPTI's callbacks at each launch, at each node of a graph, and at the profiler's start and stop.
#pragma once

#include <string>

namespace perfgate {

class Injection;

/// Subscribes, so that `injection` is told. Returns "" or why it can't be: another tool is
/// attached. No CUDA call is made here, because it runs inside cuInit.
std::string watch_launches(Injection& injection);

}  // namespace perfgate
