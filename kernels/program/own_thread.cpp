// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/own_thread.h"

#include <signal.h>

#include <system_error>
#include <thread>
#include <utility>

namespace perfgate {

bool start_own_thread(std::function<void()> work) {
  // A thread inherits the mask of the one that starts it.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  bool started = true;
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::system_error&) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace perfgate
