// SPDX-License-Identifier: Apache-2.0
// The names of kernels as people read them.
#pragma once

#include <string>

namespace perfgate {

/// The C++ name behind a mangled one, without return type and parameters, as ncu shows it:
/// "perfgate::rms_norm_kernel<__half, 1, true>"; any other name comes back unchanged.
std::string demangle(const std::string& name);

}  // namespace perfgate
