// SPDX-License-Identifier: Apache-2.0
// A terminal of a chosen width, for what is printed when stdout is one.
#pragma once

#include <string>
#include <thread>

class Terminal {
 public:
  /// Throws where the machine has no pseudo terminals.
  explicit Terminal(int columns);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// The file that a program's stdout is redirected to.
  std::string path() const { return m_path; }
  /// Returns what was written to it, once its writers have ended. Called once.
  std::string text();

 private:
  int m_screen = -1, m_program_end = -1;
  std::string m_path, m_text;
  std::thread m_reader;
};
