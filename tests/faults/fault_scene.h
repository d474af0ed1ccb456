// SPDX-License-Identifier: Apache-2.0
// Where faults are tried: a workspace with the fake runner, the fake driver and a fake GitHub, and
// the question whether a command that failed left anything in it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/faults/lasting_commands.h"

class FaultScene {
 public:
  FaultScene();
  Step step;

  /// Takes the files that are there for those that belong there. Call it before the first fault.
  void remember() { m_before = files(); }
  /// Forgets what the last command did to the clocks and on GitHub. Call it before the next one.
  void reset();
  /// Says what is left: a temporary file, an open check run, locked clocks; "" for nothing.
  std::string left_behind() const;
  /// Removes what is left, so that it is not told again.
  void tidy();

 private:
  std::vector<std::string> files() const;

  std::filesystem::path m_log;
  std::vector<std::string> m_before;
};
