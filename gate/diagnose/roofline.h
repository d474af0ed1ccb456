// SPDX-License-Identifier: Apache-2.0
// How far a case is from what the GPU can do, and what limits it. A roofline must name its pipe and
// its clock: the ridge of FP64 at 1.15 GHz is not the ridge of the tensor cores at 1.41 GHz.
//
// The HBM roof is the read stream that this run itself measured (Sentinels). A pipe's roof is the
// datasheet's peak at boost clock (configs/gpus), scaled to the clock at which the profiler saw the
// case run. No run measures the L2's roof: its share is the counter's, relative to the chip's own
// peak.
//
// Of a program's kernel no source tells the operations. Then they are those that were counted, and
// without such a counter the SMs' busiest unit stands for them.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "gate/config/gpu_model.h"
#include "gate/record/case.h"
#include "gate/record/record.h"

namespace perfgate {

enum class Bound { unknown, hbm, l2, pipe, latency };
struct BoundInfo {
  Bound bound;
  std::string_view id, words;
};
inline constexpr std::array<BoundInfo, 5> bounds{{
    {Bound::unknown, "unknown", "something that is not known: counters are missing"},
    {Bound::hbm, "hbm", "HBM bandwidth"},
    {Bound::l2, "l2", "L2 bandwidth"},
    {Bound::pipe, "pipe", "arithmetic"},
    {Bound::latency, "latency", "latency: nothing is used to 60 %"},
}};
const BoundInfo& bound_info(Bound bound);

/// A unit below this share of its roof is no bottleneck (the rule of Nsight Compute's section "GPU
/// Speed Of Light Throughput").
inline constexpr double bottleneck_share = 0.6;

struct Roofline {
  /// Operations that the case needs, else those that were counted; 0: it only moves bytes; empty:
  /// neither is known.
  std::optional<double> operations;
  std::optional<double> operations_per_s;  ///< operations over the traced duration
  std::optional<double> hbm_bytes;         ///< bytes read and written, as counted
  std::optional<double> hbm_bytes_per_s;   ///< hbm_bytes over the traced duration
  std::optional<double> intensity;         ///< operations per counted byte
  std::optional<double> hbm_roof;          ///< bytes per second
  std::optional<Pipe> pipe;                ///< the pipe that the case computes with, where known
  std::optional<double> clock_hz;          ///< the clock that the pipes' roofs are scaled to
  std::array<std::optional<double>, pipes.size()> pipe_roofs{};  ///< operations per second
  std::optional<double> l2_share;  ///< ratio to the L2's peak; a doubtful one is left out
  std::optional<double> sm_share;  ///< of the SMs' busiest unit to its peak, instead of operations
  Bound bound = Bound::unknown;

  std::optional<double> hbm_share() const;   ///< ratio to the HBM roof
  std::optional<double> pipe_roof() const;   ///< of `pipe`
  std::optional<double> pipe_share() const;  ///< ratio to the roof of `pipe`
  /// Returns the operations per second that the roofs allow at this intensity.
  std::optional<double> attainable() const;
};

/// The evidence on one side of a case.
struct RooflineInput {
  std::optional<double> duration_s;
  std::map<std::string, double> metrics{};  ///< without the doubtful metrics
  std::optional<Sentinels> sentinels{};
};

/// Empty without a duration, and where neither the case's needs nor a counter of its traffic is
/// known. `gpu` may be null: then the pipes have no roof.
std::optional<Roofline> make_roofline(const Work& work, const RooflineInput& input,
                                      const GpuModel* gpu);

/// Returns "bound by HBM bandwidth (HBM 84.7 % of the measured 4687 GB/s, L2 87.6 %)".
std::string bound_words(const Roofline& roofline);

}  // namespace perfgate
