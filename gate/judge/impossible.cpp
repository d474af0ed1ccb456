// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/impossible.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "gate/judge/impossible_counter.h"

namespace perfgate {

namespace {

/// Bytes that a kernel moves may exceed the measured read roof by this ratio.
constexpr double above_roof = 1.05;

/// Returns the shortest time in which this GPU can do a case's work, by its sentinels. What fits
/// into the L2 may never have left it, so of the bytes that a case needs only the others count.
double shortest_time(const Work& work, const std::optional<double>& counted, double l2_bytes,
                     const Sentinels& roofs) {
  const double planned_bytes = work.dram_bytes.value_or(0);
  const double bytes = std::max(counted.value_or(0), planned_bytes - l2_bytes);
  double seconds = bytes / (above_roof * roofs.read_bytes_per_s);
  if (work.pipe == Pipe::fp32 && work.operations)
    seconds = std::max(seconds, *work.operations / (above_roof * roofs.fma_flops));
  return seconds;
}

}  // namespace

std::optional<double> counted_bytes(const std::map<std::string, double>& metrics) {
  const auto read = metrics.find("hbm_read"), write = metrics.find("hbm_write");
  if (read == metrics.end() || write == metrics.end()) return std::nullopt;
  return read->second + write->second;
}

std::optional<std::string> impossible(const Comparison& comparison, const Case& planned) {
  const CaseView& head = comparison.head(planned.id);
  const BaselineCase* base = comparison.base(planned.id);
  const CaseView& base_build = comparison.base_build(planned.id);
  std::set<std::string> doubtful = head.doubtful;  // a baseline does not say which of its own are
  doubtful.insert(base_build.doubtful.begin(), base_build.doubtful.end());
  const auto counted = [&](const std::map<std::string, double>& metrics, std::string_view whose) {
    auto why = impossible_counter(metrics, comparison.run().plan.metrics, doubtful);
    return why ? std::optional(fmt::format("{}{}", whose, *why)) : std::nullopt;
  };
  if (auto why = counted(head.metrics, "")) return why;
  if (auto why = counted(base_build.metrics, "the base build: ")) return why;
  if (base)
    if (auto why = counted(base->metrics, "the baseline: ")) return why;
  const auto l2_bytes = static_cast<double>(comparison.run().gpu->l2_bytes);
  const auto too_fast = [&](const std::vector<double>& durations_s,
                            const std::map<std::string, double>& metrics,
                            const std::optional<Sentinels>& roofs,
                            std::string_view whose) -> std::optional<std::string> {
    if (durations_s.empty() || !roofs) return std::nullopt;
    const double least = shortest_time(planned.work, counted_bytes(metrics), l2_bytes, *roofs);
    const double found = *std::min_element(durations_s.begin(), durations_s.end());
    if (found >= least) return std::nullopt;
    return fmt::format(
        "{}{:.3g} us, but its work takes this GPU {:.3g} us at least (read roof {:.0f} GB/s, FMA "
        "{:.1f} TFLOP/s)",
        whose, found * 1e6, least * 1e6, roofs->read_bytes_per_s * 1e-9, roofs->fma_flops * 1e-12);
  };
  const auto& now = comparison.sentinels(Phase::screen);
  if (auto why = too_fast(head.durations_s, head.metrics, now, "")) return why;
  if (auto why = too_fast(head.rounds_s, head.metrics, now, "")) return why;
  for (const auto* base_build_s : {&head.durations_base_s, &head.rounds_base_s})
    if (auto why = too_fast(*base_build_s, base_build.metrics, now, "the base build: ")) return why;
  if (base)
    return too_fast(base->durations_s(), base->metrics, comparison.baseline().sentinels(),
                    "the baseline: ");
  return std::nullopt;
}

}  // namespace perfgate
