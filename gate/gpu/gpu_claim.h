// Sole use of one GPU among the perfgates of a machine: a locked file a GPU, perfgate-gpu-<uuid> in
// /tmp. (Not in TMPDIR or XDG_RUNTIME_DIR: two jobs have two of those and must still meet.) While
// clocks are locked the file says so, so that a lock that a dead run left behind is found.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace perfgate {

/// What stands in a claim's file.
struct ClaimNote {
  int pid = 0;
  std::optional<int> sm_mhz, memory_mhz;  ///< locked to; absent: not locked by perfgate
  bool clocks_locked() const { return sm_mhz || memory_mhz; }
};

/// In the folder PERFGATE_STATE_DIR where that is set (tests), else in /tmp.
std::filesystem::path claim_file(const std::string& uuid);

struct ClaimState {
  ClaimNote note;
  bool held = false;  ///< its process, or the guardian of its clocks, is alive
};
/// Looks without claiming; empty when no perfgate ever claimed this GPU.
std::optional<ClaimState> inspect_claim(const std::string& uuid);

class GpuClaim {
 public:
  /// Throws NoVerdict naming the process that has the GPU.
  explicit GpuClaim(const std::string& uuid);
  ~GpuClaim();
  GpuClaim(const GpuClaim&) = delete;
  GpuClaim& operator=(const GpuClaim&) = delete;

  /// What the run before left behind: clocks are locked in it if that run died with its guardian.
  const ClaimNote& found() const { return m_found; }
  /// Says for how long the clocks are locked and to what. Throws NoVerdict when it can't be
  /// written.
  void announce(const ClaimNote& note) const;
  /// The claim lives until every process has closed this file.
  int file() const { return m_file; }

 private:
  int m_file = -1;
  ClaimNote m_found;
};

}  // namespace perfgate
