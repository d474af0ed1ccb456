// SPDX-License-Identifier: Apache-2.0
// Threads of ours in a process that is not ours.
#pragma once

#include <functional>

namespace perfgate {

/// Runs `work` in a thread that nothing waits for. No signal is delivered to it: a program that
/// waits for its signals in one thread, and blocks them in all others, knows nothing of ours.
/// Returns false when there can be no further thread.
bool start_own_thread(std::function<void()> work);

}  // namespace perfgate
