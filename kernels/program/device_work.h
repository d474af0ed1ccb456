// SPDX-License-Identifier: Apache-2.0
// What the program has under way: records of kernels are there when the kernels have ended, and
// nothing may be waited for while the program captures a graph, because that breaks the capture.
#pragma once

#include <cuda.h>

#include <atomic>
#include <mutex>
#include <set>

namespace perfgate {

class DeviceWork {
 public:
  // Of CUPTI's callbacks. No CUDA call is made here.
  void launches(CUcontext context);      ///< a launch whose record is wanted
  void context_ends(CUcontext context);  ///< it must not be touched from now on
  void capture(bool begins) { m_captures += begins ? 1 : -1; }

  bool captures() const { return m_captures > 0; }

  /// Waits until no graph is captured.
  void await_captures() const;
  /// Waits for all work of every context with wanted launches, from a thread of ours.
  void wait();
  /// The same for no longer than an exit may take: a kernel may never end.
  void wait_at_exit();

 private:
  std::atomic<int> m_captures{0};
  std::mutex m_mutex;
  std::set<CUcontext> m_contexts;
};

}  // namespace perfgate
