// SPDX-License-Identifier: Apache-2.0
// Our own copy of CUPTI, for a process that is not ours.
//
// A library that is linked to libcupti runs on whichever copy the process loaded first, most often
// PyTorch's, with other record structs. So the injection library is not linked to it: it opens the
// copy of its own toolkit by absolute path, and cupti_forward.cpp passes each call on.
#pragma once

#include <string>

namespace perfgate {

enum class CuptiFor { tracing, counting };

/// Opens it, with the libraries that counting needs where it is to count. Returns "" or why it
/// can't be used; a second call returns the first one's answer.
std::string open_cupti(CuptiFor use);

/// The function of the opened library with this name, or null.
void* cupti_function(const char* name);

}  // namespace perfgate
