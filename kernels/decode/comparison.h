// SPDX-License-Identifier: Apache-2.0
// Measures how far outputs are from their reference.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace perfgate {

/// Accumulates norm(out - reference) / norm(reference). A relative error over many outputs at once
/// does not blow up where a single reference value happens to be near zero.
class Comparison {
 public:
  void add(std::span<const double> out, std::span<const double> reference) {
    for (std::size_t i = 0; i < reference.size(); ++i) {
      const double difference = out[i] - reference[i];
      m_difference += difference * difference;
      m_reference += reference[i] * reference[i];
    }
    m_elements += static_cast<std::int64_t>(reference.size());
  }

  /// Checks outputs that are not compared with a reference: a NaN there is still an error.
  void add_unsampled(std::span<const double> out) {
    for (double value : out) {
      if (std::isnan(value)) m_difference = value;
    }
  }

  /// Checks memory that the stage must not touch: any changed bit makes the error infinite.
  void add_untouched(std::span<const std::uint16_t> after, std::span<const std::uint16_t> before) {
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (after[i] != before[i]) m_difference += std::numeric_limits<double>::infinity();
    }
  }

  /// Returns the error; NaN when any output was NaN.
  double error() const {
    if (m_difference == 0) return 0;
    return std::sqrt(m_difference / m_reference);
  }
  std::int64_t elements() const { return m_elements; }

 private:
  double m_difference = 0;
  double m_reference = 0;
  std::int64_t m_elements = 0;
};

/// The numbers that an operator is judged by.
struct Outcome {
  double error = 0;
  std::int64_t elements = 0;
};

inline Outcome outcome(const Comparison& comparison) {
  return {comparison.error(), comparison.elements()};
}

/// Returns the worse error of an operator that writes two things; NaN is the worst.
inline Outcome worse(const Outcome& a, const Outcome& b) {
  const bool first = std::isnan(a.error) || b.error <= a.error;
  return {first ? a.error : b.error, a.elements + b.elements};
}

}  // namespace perfgate
