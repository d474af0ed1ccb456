// SPDX-License-Identifier: Apache-2.0
// The few driver calls that the injection library makes. They are looked up in the libcuda that the
// process has loaded, so nothing is linked. None may be made inside a CUPTI callback; our NVTX
// hooks are none.
#pragma once

#include <cuda.h>

namespace perfgate {

/// The calling thread's context, or null.
CUcontext current_context();

/// Makes `context` the calling thread's.
void set_context(CUcontext context);

/// Waits for all work of the calling thread's context. Returns false when the driver refuses.
bool synchronize_context();

/// The ordinal of the calling thread's device; 0 when there is none.
int current_device();

}  // namespace perfgate
