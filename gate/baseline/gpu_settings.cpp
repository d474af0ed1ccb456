// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/gpu_settings.h"

#include <fmt/format.h>

#include <cmath>

namespace perfgate {

namespace {

std::string on_off(bool on) {
  return on ? "on" : "off";
}

/// The driver may round the limit that was set; a difference of half a watt is not deliberate.
constexpr double same_watts = 0.5;

}  // namespace

std::optional<GpuSettingChange> changed_gpu_setting(const DriverState& before,
                                                    const DriverState& now) {
  const auto differ = [](const std::optional<bool>& was, const std::optional<bool>& is) {
    return was && is && *was != *is;
  };
  if (differ(before.ecc, now.ecc))
    return GpuSettingChange{"ECC", on_off(*before.ecc), on_off(*now.ecc)};
  if (differ(before.mig, now.mig))
    return GpuSettingChange{"MIG mode", on_off(*before.mig), on_off(*now.mig)};
  if (before.power_limit_w && now.power_limit_w &&
      std::abs(*before.power_limit_w - *now.power_limit_w) > same_watts)
    return GpuSettingChange{"the power limit", fmt::format("{:.0f} W", *before.power_limit_w),
                            fmt::format("{:.0f} W", *now.power_limit_w)};
  return std::nullopt;
}

void keep_known_settings(DriverState& now, const DriverState& before) {
  if (!now.ecc) now.ecc = before.ecc;
  if (!now.mig) now.mig = before.mig;
  if (!now.power_limit_w) now.power_limit_w = before.power_limit_w;
}

}  // namespace perfgate
