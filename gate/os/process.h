// SPDX-License-Identifier: Apache-2.0
// Child processes. Each runs in its own process group with stdin from /dev/null and an environment
// without secrets (environment.h); it dies with the gate, on its time-out and on an interrupt.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gate/os/environment.h"
#include "gate/os/interrupt.h"

namespace perfgate {

struct ChildResult {
  int exit_status = 0;       ///< valid when signal is 0
  int signal = 0;            ///< the one that ended it
  bool timed_out = false;    ///< it was killed for taking too long
  bool ended_early = false;  ///< it was ended because it had done enough
  double wall_s = 0;
  std::string log;  ///< stdout and stderr together: the first and the last 32 KiB
};

/// Runs `arguments[0]` (a path, or a name on PATH) to its end. Calls `started` with its process id.
/// It gets what child_environment() gives a child of its kind, and `environment`, and runs in
/// `folder`, if that is not empty. Once `enough`
/// says so, the child's group is ended: by SIGTERM, and five seconds later by SIGKILL. Throws
/// NoVerdict when it cannot be started, Interrupted on a signal.
ChildResult run_child(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment, double timeout_s,
                      const std::function<void(int)>& started = {},
                      ChildKind kind = ChildKind::tool, const std::function<bool()>& enough = {},
                      const std::string& folder = {});

/// "exited with status 3", "was killed by SIGSEGV", "was killed after 60 s"
std::string describe(const ChildResult& result);

}  // namespace perfgate
