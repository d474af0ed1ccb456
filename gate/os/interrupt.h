// SPDX-License-Identifier: Apache-2.0
// Signals. SIGINT, SIGTERM, SIGHUP and SIGQUIT end perfgate with exit code 130, by an exception
// that whatever waits throws: so temporary files are removed, clocks are restored, and an open
// check run is completed. SIGPIPE and SIGXFSZ are ignored: the write that fails says which file it
// was.
#pragma once

#include <stdexcept>

namespace perfgate {

/// One of those four signals arrived: exit code 130.
struct Interrupted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// After this call waits end with Interrupted when a signal arrives. Later calls do nothing. A
/// SIGHUP that was ignored when the process started (nohup) stays so. Throws NoVerdict.
void catch_interrupts();

/// A descriptor that can be read from once a signal has arrived, for poll(); -1 before
/// catch_interrupts(). Nothing may read from it: it stays as it is, so that no later wait misses
/// the signal.
int interrupt_descriptor();

/// Whether a signal has arrived.
bool interrupted();

/// Throws Interrupted, which names the signal, if one has arrived.
void throw_if_interrupted();

/// Waits for `seconds`; throws Interrupted on a signal.
void wait_or_interrupt(double seconds);

/// Waits until poll() has `events` for the descriptor; throws Interrupted on a signal. A regular
/// file is always ready.
void wait_for_descriptor(int descriptor, short events);

/// Gives signals their own meaning again. For a child, before exec.
void forget_interrupts();

}  // namespace perfgate
