// How far a case is from what the GPU can do, and by what it is bound. A roofline must name its
// pipe and its clock: the ridge of FP64 at 1.15 GHz is not the ridge of the tensor cores at 1.41
// GHz.
//
// Roofs: HBM is the read stream that this run itself measured (Sentinels). A pipe is the
// datasheet's peak at boost clock (configs/gpus), scaled to the clock that the profiler saw the
// case run at. No run measures the L2's roof: its share is the counter's, of the chip's own peak.
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

/// Below this share of its roof a unit is no bottleneck (the rule of Nsight Compute's section
/// "GPU Speed Of Light Throughput").
inline constexpr double bottleneck_share = 0.6;

struct Roofline {
  double operations = 0;                  ///< that the case needs; 0: it only moves bytes
  double operations_per_s = 0;            ///< over the traced duration
  std::optional<double> hbm_bytes;        ///< read and written, as counted
  std::optional<double> hbm_bytes_per_s;  ///< of these over the traced duration
  std::optional<double> intensity;        ///< operations a counted byte
  std::optional<double> hbm_roof;         ///< bytes a second
  Pipe pipe = Pipe::fp32;                 ///< the one that the case computes with
  std::optional<double> clock_hz;         ///< that the pipes' roofs stand for
  std::array<std::optional<double>, pipes.size()> pipe_roofs{};  ///< operations a second
  std::optional<double> l2_share;  ///< of the L2's peak; doubtful ones are left out
  Bound bound = Bound::unknown;

  std::optional<double> hbm_share() const;   ///< of the HBM roof
  std::optional<double> pipe_share() const;  ///< of the roof of `pipe`
  /// What the roofs allow at this intensity, operations a second.
  std::optional<double> attainable() const;
};

/// One side of the evidence about a case.
struct RooflineInput {
  std::optional<double> duration_s;
  std::map<std::string, double> metrics{};  ///< without the doubtful ones
  std::optional<Sentinels> sentinels{};
};

/// Empty without a duration, and where it is not known what the case needs. `gpu` may be null: then
/// the pipes have no roof.
std::optional<Roofline> make_roofline(const Work& work, const RooflineInput& input,
                                      const GpuModel* gpu);

/// "bound by HBM bandwidth (HBM 84.7 % of the measured 4687 GB/s, L2 87.6 %)"
std::string bound_words(const Roofline& roofline);

}  // namespace perfgate
