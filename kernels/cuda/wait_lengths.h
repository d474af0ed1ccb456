// SPDX-License-Identifier: Apache-2.0
// The lengths of random waits, as arithmetic.
#pragma once

#include <cstdint>
#include <random>

#include "gate/record/record.h"

namespace perfgate {

/// Draws lengths that are uniform from 0 to the longest. The same seed gives the same lengths with
/// every standard library, so a process can be repeated from its record.
class WaitLengths {
 public:
  explicit WaitLengths(const Dither& dither)
      : m_dither(dither), m_engine(static_cast<std::uint64_t>(dither.seed)) {}

  const Dither& dither() const { return m_dither; }

  double next_s() {
    constexpr double upper_bits = 0x1p-53;
    return m_dither.longest_s * static_cast<double>(m_engine() >> 11) * upper_bits;
  }

 private:
  Dither m_dither;
  std::mt19937_64 m_engine;
};

}  // namespace perfgate
