// SPDX-License-Identifier: Apache-2.0
// Where one kind of memory wants another kernel than the next.
#pragma once

namespace perfgate {

/// From this bandwidth on, by clock and width, a Hopper GPU has HBM3e: an H200 has 4.9 TB/s, an
/// H100 3.35, and HBM3 4.0 at most. Below it the choices are those that were measured on an H100.
inline constexpr double hbm3e_bytes_per_s = 4.5e12;

}  // namespace perfgate
