// SPDX-License-Identifier: Apache-2.0
// The causes of a changed duration that the counters can show: a closed set.
#pragma once

#include <array>
#include <string_view>

namespace perfgate {

enum class Cause {
  unknown,
  not_compared,
  no_counters,
  noise,
  hidden_work,
  not_seen,
  clock,
  instructions,
  locality,
  hbm_bytes,
  coalescing,
  occupancy,
  launch,
  stalls,
  unsettled,
};

struct CauseInfo {
  Cause cause;
  std::string_view id, meaning;
};

inline constexpr std::array<CauseInfo, 15> causes{{
    {Cause::unknown, "unknown", "not examined"},
    {Cause::not_compared, "not_compared", "there are no two durations to compare"},
    {Cause::no_counters, "no_counters", "the counters are not there on both sides"},
    {Cause::noise, "noise", "no change that can be told from noise and is worth explaining"},
    {Cause::hidden_work, "hidden_work", "the work changed and the duration did not"},
    {Cause::not_seen, "not_seen", "the counters' own duration did not change with the traced one"},
    {Cause::clock, "clock", "most of it is the SM clock"},
    {Cause::instructions, "instructions", "most of it is the number of instructions"},
    {Cause::locality, "locality", "HBM bytes, and the L2's hit rate moved with them"},
    {Cause::hbm_bytes, "hbm_bytes", "HBM bytes, and no hit rate that moved with them"},
    {Cause::coalescing, "coalescing",
     "the sectors that a request or the SMs need, whatever the HBM sends"},
    {Cause::occupancy, "occupancy", "the warps that an SM holds"},
    {Cause::launch, "launch", "another grid, block, register or shared memory size; same work"},
    {Cause::stalls, "stalls", "one reason for which warps wait"},
    {Cause::unsettled, "unsettled", "the evidence does not name one cause"},
}};

const CauseInfo& cause_info(Cause cause);

}  // namespace perfgate
