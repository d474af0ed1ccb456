// SPDX-License-Identifier: Apache-2.0
// Settings of a GPU under which the same code takes another time.
#pragma once

#include <optional>
#include <string>

#include "gate/record/gpu_fingerprint.h"

namespace perfgate {

struct GpuSettingChange {
  std::string name;     ///< "ECC", "MIG mode", "the power limit"
  std::string was, is;  ///< "on", "700 W"
};

/// Returns the first setting that differs; one that either side could not read does not.
std::optional<GpuSettingChange> changed_gpu_setting(const DriverState& before,
                                                    const DriverState& now);

/// Takes over the settings that `now` could not read and `before` could.
void keep_known_settings(DriverState& now, const DriverState& before);

}  // namespace perfgate
