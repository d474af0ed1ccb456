// SPDX-License-Identifier: Apache-2.0
// NVTX's calls, hooked by table. NVTX 3 is header-only: each executable and library of the process
// initialises itself at its first call and hands us its own table.
#pragma once

#include <nvtx3/nvToolsExt.h>

namespace perfgate {

/// Puts our hooks into the table of one linkage unit. Returns false when it has none.
bool hook_nvtx(NvtxGetExportTableFunc_t get_export_table);

/// Around a fork, in parent and child: what the hooks lock must be free in the child.
void before_fork();
void after_fork();

}  // namespace perfgate
