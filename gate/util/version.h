// SPDX-License-Identifier: Apache-2.0
// The version of this build, from git and CMakeLists.txt (cmake/Version.cmake).
#pragma once

namespace perfgate {

extern const char* const perfgate_version;

/// Where workflows take perfgate from, OWNER/NAME@REF: PERFGATE_ACTION of the build.
extern const char* const perfgate_action;

}  // namespace perfgate
