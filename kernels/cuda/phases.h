// Where a process's time goes, for whoever wonders why the gate takes as long as it does.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace perfgate {

/// Cuts the time since construction into phases, without gap or overlap: their sum is all of it.
class Phases {
 public:
  using Clock = std::function<double()>;  ///< seconds since whenever

  explicit Phases(std::string first, Clock clock = steady_s)
      : m_clock(std::move(clock)), m_phase(std::move(first)), m_since_s(m_clock()) {}

  /// From now on it is this one. A phase that was there before goes on where it ended.
  void enter(std::string phase) {
    const double now_s = m_clock();
    m_seconds[m_phase] += now_s - m_since_s;
    m_since_s = now_s;
    m_phase = std::move(phase);
  }

  /// Phase -> seconds, the present one up to now.
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
