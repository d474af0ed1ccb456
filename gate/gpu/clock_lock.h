// SPDX-License-Identifier: Apache-2.0
// Locks the GPU's clocks and restores them whatever happens. This is the only file that changes a
// setting of a GPU, and it does so only when --lock-clocks or `clocks = "lock"` asks for it.
//
// The hazard: a lock outlives the program that took it, so a gate that is killed would leave the
// machine slow for all its users. Signal handlers don't run on SIGKILL. So before anything is
// locked, a guardian is forked that holds the read end of a pipe whose only write end the gate has.
// However the gate ends, the kernel closes that end, the guardian sees the end of the pipe,
// restores the clocks, and exits. There is no other way of restoring; when both are killed at once,
// the claim's file (gpu_claim.h) still says what was locked, and `perfgate doctor` reads it.
//
// A lock that another program had set before can't be restored: NVML sets and resets locks, but
// can't read them.
#pragma once

#include <optional>
#include <string>

#include "gate/gpu/gpu_claim.h"
#include "gate/gpu/nvml.h"
#include "gate/gpu/nvml_library.h"

namespace perfgate {

struct LockedClocks {
  std::optional<int> sm_mhz, memory_mhz;
};

class ClockLock {
 public:
  /// Locks to `wanted`. Clocks that it leaves open are locked to the GPU's default application
  /// clocks, the nearest thing to a base clock that the driver tells. Throws UsageError when those
  /// are not known either, NoVerdict when the driver refuses.
  ClockLock(const NvmlGpu& gpu, const LockedClocks& wanted, const GpuClaim& claim);
  ~ClockLock() { release(); }
  ClockLock(const ClockLock&) = delete;
  ClockLock& operator=(const ClockLock&) = delete;

  /// The clocks that are locked: some GPUs have no lock for the memory clock.
  const LockedClocks& clocks() const { return m_clocks; }

  /// Restores and waits until it is done. Returns what went wrong, or "". Later calls do nothing.
  std::string release();

 private:
  void lock(const LockedClocks& wanted);
  void tell(char word) const;

  std::string m_uuid;
  const GpuClaim& m_claim;
  LockedClocks m_clocks;
  int m_pipe = -1;
  int m_guardian = -1;
  std::optional<Nvml> m_nvml;
};

/// Frees these clocks of the GPU. Returns false when the driver refuses.
bool restore_clocks(const std::string& uuid, bool sm, bool memory);

}  // namespace perfgate
