// SPDX-License-Identifier: Apache-2.0
// Colour of what is printed: whether text is painted, and when it is to be.
#pragma once

#include <array>
#include <string_view>

namespace perfgate {

enum class Color { yes, no };

enum class ColorWhen { automatic, always, never };

struct ColorWhenInfo {
  ColorWhen when;
  std::string_view id;
};
inline constexpr std::array<ColorWhenInfo, 3> color_whens{{
    {ColorWhen::automatic, "auto"},  // where stdout is a terminal and NO_COLOR is not set
    {ColorWhen::always, "always"},
    {ColorWhen::never, "never"},
}};

}  // namespace perfgate
