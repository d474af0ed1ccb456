// SPDX-License-Identifier: Apache-2.0
// Gives one perfgate of a machine the sole use of a GPU, by one locked file per GPU:
// perfgate-gpu-<uuid> in /tmp. (TMPDIR or XDG_RUNTIME_DIR would not do: two jobs have two of those
// and must still meet.) While clocks are locked the file says so, so that a lock that a dead run
// left behind is found.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace perfgate {

/// The content of a claim's file.
struct ClaimNote {
  int pid = 0;
  std::optional<int> sm_mhz, memory_mhz;  ///< locked to; absent: not locked by perfgate
  bool clocks_locked() const { return sm_mhz || memory_mhz; }
};

/// Returns the claim's file: in the folder PERFGATE_STATE_DIR where that is set (tests), else in
/// /tmp.
std::filesystem::path claim_file(const std::string& uuid);

struct ClaimState {
  ClaimNote note;
  bool held = false;  ///< its process, or the guardian of its clocks, is alive
};
/// Looks without claiming; empty when no perfgate ever claimed this GPU.
std::optional<ClaimState> inspect_claim(const std::string& uuid);

class GpuClaim {
 public:
  /// Claims the GPU. Throws NoVerdict naming the process that has it.
  explicit GpuClaim(const std::string& uuid);
  ~GpuClaim();
  GpuClaim(const GpuClaim&) = delete;
  GpuClaim& operator=(const GpuClaim&) = delete;

  /// The note that the run before left behind: it names locked clocks if that run died with its
  /// guardian.
  const ClaimNote& found() const { return m_found; }
  /// Writes the process and its locked clocks into the file. Throws NoVerdict when it can't be
  /// written.
  void announce(const ClaimNote& note) const;
  /// The claim lives until every process has closed this file.
  int file() const { return m_file; }

 private:
  int m_file = -1;
  ClaimNote m_found;
};

}  // namespace perfgate
