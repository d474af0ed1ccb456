// SPDX-License-Identifier: Apache-2.0
// Records where a process spends its time, which explains how long the gate takes.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace perfgate {

/// Divides the time since construction into phases without gap or overlap: they add up to all of
/// it.
class Phases {
 public:
  using Clock = std::function<double()>;  ///< seconds since any fixed moment

  explicit Phases(std::string first, Clock clock = steady_s)
      : m_clock(std::move(clock)), m_phase(std::move(first)), m_since_s(m_clock()) {}

  /// Makes `phase` the current one. A phase that was entered before continues where it ended.
  void enter(std::string phase) {
    const double now_s = m_clock();
    m_seconds[m_phase] += now_s - m_since_s;
    m_since_s = now_s;
    m_phase = std::move(phase);
  }

  /// The seconds of each phase; the current one counts up to now.
  std::map<std::string, double> seconds() {
    enter(m_phase);
    return m_seconds;
  }

 private:
  static double steady_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  Clock m_clock;
  std::string m_phase;
  double m_since_s;
  std::map<std::string, double> m_seconds;
};

}  // namespace perfgate
