// SPDX-License-Identifier: Apache-2.0
// Why a start of a program gave nothing to judge. Silence is the enemy: a profile that is empty and
// reports success is what people complain of most in such tools.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/program/observation.h"
#include "gate/program/program_spec.h"

namespace perfgate {

/// One start of the program, seen from outside.
struct ProgramStart {
  std::string end;             ///< "exited with status 0", "was killed by SIGSEGV", ...
  bool ended_by_gate = false;  ///< it was ended because everything wanted had been seen
  bool failed = false;         ///< another exit status than 0, or a signal that was not the gate's
  std::string last_line;       ///< of its output
  /// Of a process that wrote nothing: which range it had begun last, "" of none.
  std::string last_range;
  std::vector<std::string> cuda, nvtx, forked;  ///< process ids that got so far
  std::string request_error;  ///< what the library could not do with the request; "" if it could
  std::vector<Observation> processes;
};

/// Returns why there is nothing to judge, with what to do about it; empty when there is something.
std::optional<std::string> nothing_seen(const ProgramSpec& spec, const ProgramStart& start);

/// Returns what the reader must know although there is something: other threads' launches, lost
/// records, processes that failed.
std::vector<std::string> doubts(const ProgramSpec& spec, const ProgramStart& start);

}  // namespace perfgate
