// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/counter_changes.h"

#include <cmath>

namespace perfgate {

namespace {

constexpr double least_bytes = 1e5;

bool trusted(const MetricPairs& metrics, const char* id) {
  const auto found = metrics.find(id);
  return found != metrics.end() && !found->second.doubtful && found->second.base &&
         found->second.head;
}

std::optional<double> trusted_change(const MetricPairs& metrics, const char* id) {
  return trusted(metrics, id) ? log_change(metrics, id) : std::nullopt;
}

/// Returns the change of the bytes read and written together; 0 when it is too small to count.
std::optional<double> hbm_change(const MetricPairs& metrics) {
  if (!trusted(metrics, "hbm_read") || !trusted(metrics, "hbm_write")) return std::nullopt;
  const MetricPair &read = metrics.at("hbm_read"), &write = metrics.at("hbm_write");
  const double base = *read.base + *write.base, head = *read.head + *write.head;
  if (!(base > 0) || !(head > 0)) return std::nullopt;
  return std::abs(head - base) < least_bytes ? 0 : std::log(head / base);
}

}  // namespace

double CounterChanges::hit_rate_rise() const {
  return hit_rate ? *hit_rate->head - *hit_rate->base : 0;
}

CounterChanges counter_changes(const MetricPairs& metrics) {
  CounterChanges changes;
  changes.instructions = trusted_change(metrics, "instructions");
  changes.hbm = hbm_change(metrics);
  changes.sectors = trusted_change(metrics, "l2_sectors_sm");
  const auto sectors = trusted_change(metrics, "l1_load_sectors");
  const auto requests = trusted_change(metrics, "l1_load_requests");
  if (sectors && requests) {
    changes.sectors_a_request = *sectors - *requests;
    const MetricPair &all = metrics.at("l1_load_sectors"), &by = metrics.at("l1_load_requests");
    changes.request = MetricPair{*all.base / *by.base, *all.head / *by.head};
  }
  changes.occupancy = trusted_change(metrics, "occupancy");
  if (trusted(metrics, "l2_hit_rate")) changes.hit_rate = metrics.at("l2_hit_rate");
  return changes;
}

std::optional<Stall> main_stall(const MetricPairs& metrics, bool slower) {
  if (!trusted(metrics, "warp_cycles")) return std::nullopt;
  const double sign = slower ? 1 : -1;
  const auto change_of = [](const MetricPair& pair) { return *pair.head - *pair.base; };
  const double all = sign * change_of(metrics.at("warp_cycles"));
  std::optional<Stall> found;
  for (const auto& [id, pair] : metrics) {
    // These two describe warps that could have issued, or did.
    if (!id.starts_with("stall_") || id == "stall_selected" || id == "stall_not_selected") continue;
    if (!trusted(metrics, id.c_str())) continue;
    const double change = sign * change_of(pair);
    if (change >= all / 2 && change > (found ? sign * found->change : 0))
      found = Stall{id, sign * change};
  }
  return all > 0 ? found : std::nullopt;
}

}  // namespace perfgate
