// SPDX-License-Identifier: Apache-2.0
// Looks whether the device's memory has a beat: moments at a fixed distance at which all loads of
// the GPU wait (gate/record/memory_beat.h).
#pragma once

#include <optional>

#include "gate/record/record.h"

namespace perfgate {

/// Watches loads of the current device's memory for about 40 ms. Returns nothing where no beat is
/// found, or where too little memory is free to load past the L2. Takes up to 4 GiB and gives them
/// back. Run it when the clocks are up, and while the GPU does nothing else: other work makes loads
/// slow, too. Throws DeviceError.
std::optional<MemoryBeat> measure_memory_beat(const GpuFingerprint& gpu);

}  // namespace perfgate
