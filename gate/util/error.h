// SPDX-License-Identifier: Apache-2.0
// The only two kinds of exception. Everything below the shell throws one of them with a text that
// names the thing, the place and the fix; main turns them into exit codes.
#pragma once

#include <stdexcept>

namespace perfgate {

/// Bad usage, config, baseline or record: exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Nothing can be judged here (no GPU, no baseline, a dead runner): exit code 3.
struct NoVerdict : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace perfgate
