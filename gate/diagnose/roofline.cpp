// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/roofline.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/text.h"

namespace perfgate {

namespace {

std::optional<double> find(const std::map<std::string, double>& metrics, const char* id) {
  const auto found = metrics.find(id);
  return found == metrics.end() ? std::nullopt : std::optional(found->second);
}

/// Trusts the tensor cores' counter where there is one; else the pipe that the case's source names.
/// What needs operations and tells no pipe computes in FP32.
std::optional<Pipe> pipe_of(const Work& work, const std::map<std::string, double>& metrics) {
  if (const auto tensor = find(metrics, "tensor_pipe"))
    return *tensor > 0 ? Pipe::tensor : Pipe::fp32;
  return work.pipe || !work.operations ? work.pipe : Pipe::fp32;
}

/// A count of 0 says only that the pipe's operations are of a kind that is not counted.
std::optional<double> counted_operations(std::optional<Pipe> pipe,
                                         const std::map<std::string, double>& metrics) {
  if (!pipe) return std::nullopt;
  const auto counted =
      find(metrics, *pipe == Pipe::tensor ? "tensor_operations" : "fp32_operations");
  return counted && *counted > 0 ? counted : std::nullopt;
}

/// Returns the datasheet's peak of a pipe at boost clock, operations per second.
double peak_of(const GpuModel& gpu, Pipe pipe) {
  return pipe == Pipe::tensor ? gpu.fp16_flops : gpu.fp32_flops;
}

Bound bound_of(const Roofline& roofline) {
  const auto hbm = roofline.hbm_share();
  const auto pipe = roofline.operations ? roofline.pipe_share() : roofline.sm_share;
  if (!hbm && !roofline.l2_share && !pipe) return Bound::unknown;
  const double highest =
      std::max({hbm.value_or(0), roofline.l2_share.value_or(0), pipe.value_or(0)});
  if (highest < bottleneck_share) return hbm ? Bound::latency : Bound::unknown;
  // Data from HBM passes the L2 too, so the two shares are often alike: HBM wins.
  if (hbm.value_or(0) >= bottleneck_share && hbm.value_or(0) >= pipe.value_or(0)) return Bound::hbm;
  return pipe.value_or(0) >= roofline.l2_share.value_or(0) ? Bound::pipe : Bound::l2;
}

}  // namespace

const BoundInfo& bound_info(Bound bound) {
  return bounds[static_cast<std::size_t>(bound)];
}

std::optional<double> Roofline::hbm_share() const {
  if (!hbm_bytes_per_s || !hbm_roof) return std::nullopt;
  return *hbm_bytes_per_s / *hbm_roof;
}

std::optional<double> Roofline::pipe_roof() const {
  return pipe ? pipe_roofs[static_cast<std::size_t>(*pipe)] : std::nullopt;
}

std::optional<double> Roofline::pipe_share() const {
  const auto roof = pipe_roof();
  if (!roof || !operations_per_s) return std::nullopt;
  return *operations_per_s / *roof;
}

std::optional<double> Roofline::attainable() const {
  const auto roof = pipe_roof();
  if (!roof || !hbm_roof || !intensity) return std::nullopt;
  return std::min(*roof, *hbm_roof * *intensity);
}

std::optional<Roofline> make_roofline(const Work& work, const RooflineInput& input,
                                      const GpuModel* gpu) {
  if (!input.duration_s || !(*input.duration_s > 0)) return std::nullopt;
  Roofline roofline;
  roofline.pipe = pipe_of(work, input.metrics);
  roofline.operations =
      work.operations ? work.operations : counted_operations(roofline.pipe, input.metrics);
  if (roofline.operations) roofline.operations_per_s = *roofline.operations / *input.duration_s;
  const auto read = find(input.metrics, "hbm_read"), written = find(input.metrics, "hbm_write");
  if (read && written) {
    roofline.hbm_bytes = *read + *written;
    roofline.hbm_bytes_per_s = *roofline.hbm_bytes / *input.duration_s;
    if (*roofline.hbm_bytes > 0 && roofline.operations.value_or(0) > 0)
      roofline.intensity = *roofline.operations / *roofline.hbm_bytes;
  }
  if (input.sentinels) roofline.hbm_roof = input.sentinels->read_bytes_per_s;
  roofline.l2_share = find(input.metrics, "l2_throughput");
  if (!roofline.operations) roofline.sm_share = find(input.metrics, "sm_throughput");
  if (!roofline.operations && !roofline.hbm_bytes && !roofline.l2_share) return std::nullopt;
  roofline.clock_hz = find(input.metrics, "sm_clock");
  if (gpu && roofline.clock_hz)
    for (const PipeInfo& info : pipes)
      roofline.pipe_roofs[static_cast<std::size_t>(info.pipe)] =
          peak_of(*gpu, info.pipe) * *roofline.clock_hz / gpu->boost_hz;
  roofline.bound = bound_of(roofline);
  return roofline;
}

std::string bound_words(const Roofline& roofline) {
  std::vector<std::string> shares;
  if (const auto share = roofline.hbm_share())
    shares.push_back(fmt::format("HBM {:.1f} % of the measured {:.0f} GB/s", 100 * *share,
                                 *roofline.hbm_roof * 1e-9));
  if (roofline.l2_share) shares.push_back(fmt::format("L2 {:.1f} %", 100 * *roofline.l2_share));
  if (const auto share = roofline.pipe_share())
    shares.push_back(fmt::format("{} {:.1f} % of {:.0f} TFLOP/s at {:.0f} MHz",
                                 pipe_info(*roofline.pipe).title, 100 * *share,
                                 *roofline.pipe_roof() * 1e-12, *roofline.clock_hz * 1e-6));
  if (roofline.sm_share) shares.push_back(fmt::format("SMs {:.1f} %", 100 * *roofline.sm_share));
  const std::string detail = shares.empty() ? "" : fmt::format(" ({})", join(shares));
  return fmt::format("bound by {}{}", bound_info(roofline.bound).words, detail);
}

}  // namespace perfgate
