// SPDX-License-Identifier: Apache-2.0
// The causes of a changed duration: a closed set. A cause stands in this table before its
// consequences, so of two that explain as much the earlier one is named.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace perfgate {

enum class Cause {
  none,
  kernels,
  coalescing,
  blocks,
  occupancy,
  locality,
  data,
  work,
  bytes,
  launch,
  latency,
  clock,
  before,
  machine,
  unknown,
};

struct CauseInfo {
  Cause cause;
  std::string_view id;
  std::string_view slower, faster;  ///< the title of a slowdown, of a speed-up; four words at most
  std::string_view evidence;        ///< what must be there, and how much of the change it explains
};

inline constexpr std::array<CauseInfo, 15> causes{{
    {Cause::none, "none", "", "", "there is no change that can be told from noise"},
    {Cause::kernels, "kernels", "other kernels", "other kernels",
     "a kernel of another name, or more or fewer of them: all of it"},
    {Cause::coalescing, "coalescing", "worse coalescing", "better coalescing",
     "L1 sectors a request, or sectors of the SMs beyond the HBM's bytes: as much as they moved"},
    {Cause::blocks, "blocks", "fewer blocks", "more blocks",
     "a grid that fills the SMs less: as much as the fill fell"},
    {Cause::occupancy, "occupancy", "lower occupancy", "higher occupancy",
     "blocks that fit on an SM, from registers, shared memory and block, or the counted warps: as "
     "much as they fell"},
    {Cause::locality, "locality", "locality lost", "locality gained",
     "HBM bytes, where the L2's hit rate moved by two points: as much as the bytes moved"},
    {Cause::data, "data", "argument or data", "argument or data",
     "the same code and launch with other instructions or bytes: as much as they moved"},
    {Cause::work, "work", "more work", "less work", "instructions: as much as they moved"},
    {Cause::bytes, "bytes", "more bytes", "fewer bytes", "HBM bytes: as much as they moved"},
    {Cause::launch, "launch", "another launch", "another launch",
     "another grid, block, register or shared memory size: the rest of the rate"},
    {Cause::latency, "latency", "longer waits", "shorter waits",
     "one reason for which warps wait: the rest of the rate"},
    {Cause::clock, "clock", "lower clock", "higher clock", "the SM clock: as much as it moved"},
    {Cause::before, "before", "what ran before", "what ran before",
     "as for the machine, beside a base build, whose processes had the same machine: the rest of "
     "the rate"},
    {Cause::machine, "machine", "the machine", "the machine",
     "the same code and launch, and the same instructions and bytes: the rest of the rate"},
    {Cause::unknown, "unknown", "unknown", "unknown", "nothing above makes half of the change"},
}};

const CauseInfo& cause_info(Cause cause);

/// A cause that the evidence supports.
struct CauseFound {
  Cause cause = Cause::unknown;
  double share = 0;      ///< of the change that it explains, 0 to 1
  std::string evidence;  ///< "L1 sectors a request 4.0 to 8.0 (+100.0 %)"

  bool operator==(const CauseFound&) const = default;
};

}  // namespace perfgate
