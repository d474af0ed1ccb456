// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/diagnosis.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "gate/util/text.h"

namespace perfgate {

namespace {

// Counts of unchanged runs differ by up to 0.08 %, and a tenth of a megabyte is page tables and
// chance (docs/results.md; configs/perfgate.toml judges by the same numbers).
constexpr double least_work = 0.005;
constexpr double least_change = 0.005;  // relative to the duration
constexpr double least_bytes = 1e5;
// Two points; two passes of one kernel agree to half a point.
constexpr double least_hit_rate = 0.02;
constexpr double least_occupancy = 0.1;  // relative to itself

/// The input of the rules. All values are logs of head / base.
struct Facts {
  const Observed& seen;
  double change = 0;  ///< the judged change
  TimeBreakdown split{};
  std::optional<double> hbm{}, sectors{}, sectors_a_request{}, occupancy{};
  std::optional<MetricPair> hit_rate{};

  /// Whether the change is large enough for an explanation.
  bool significant() const {
    const Change& judged = *seen.change;
    return (judged.lower > 0 || judged.upper < 0) && std::abs(judged.effect) >= least_change;
  }
  double total() const { return split.total(); }
  bool slower() const { return change > 0; }
  /// Whether `part` makes up at least half of the counters' change.
  bool mostly(double part) const {
    return part * total() > 0 && std::abs(part) >= std::abs(total()) / 2;
  }
  bool mostly(const std::optional<double>& part) const { return part && mostly(*part); }
};

bool trusted(const MetricPairs& metrics, const char* id) {
  const auto found = metrics.find(id);
  return found != metrics.end() && !found->second.doubtful && found->second.base &&
         found->second.head;
}

std::optional<double> trusted_change(const MetricPairs& metrics, const char* id) {
  return trusted(metrics, id) ? log_change(metrics, id) : std::nullopt;
}

/// Returns the change of the bytes read and written together; empty when it is too small to count.
std::optional<double> hbm_change(const MetricPairs& metrics) {
  if (!trusted(metrics, "hbm_read") || !trusted(metrics, "hbm_write")) return std::nullopt;
  const MetricPair &read = metrics.at("hbm_read"), &write = metrics.at("hbm_write");
  const double base = *read.base + *write.base, head = *read.head + *write.head;
  if (!(base > 0) || !(head > 0)) return std::nullopt;
  return std::abs(head - base) < least_bytes ? 0 : std::log(head / base);
}

Facts facts_of(const Observed& seen) {
  Facts facts{seen};
  facts.change = std::log1p(seen.change->effect);
  facts.split = *seen.split;
  facts.hbm = hbm_change(seen.metrics);
  facts.sectors = trusted_change(seen.metrics, "l2_sectors_sm");
  const auto l1_sectors = trusted_change(seen.metrics, "l1_load_sectors");
  const auto l1_requests = trusted_change(seen.metrics, "l1_load_requests");
  if (l1_sectors && l1_requests) facts.sectors_a_request = *l1_sectors - *l1_requests;
  facts.occupancy = trusted_change(seen.metrics, "occupancy");
  if (trusted(seen.metrics, "l2_hit_rate")) facts.hit_rate = seen.metrics.at("l2_hit_rate");
  return facts;
}

std::string in_percent(double log) {
  return percent(std::expm1(log));
}

/// Returns how much the hit rate rose, in points / 100.
double hit_rate_rise(const Facts& facts) {
  return facts.hit_rate ? *facts.hit_rate->head - *facts.hit_rate->base : 0;
}

/// The stall reason that grew (or shrank) most with the duration; null when none makes up half of
/// the change of a warp's wait.
struct Stall {
  std::string id;
  double change = 0;  ///< cycles per instruction
};
std::optional<Stall> main_stall(const Facts& facts) {
  const MetricPairs& metrics = facts.seen.metrics;
  if (!trusted(metrics, "warp_cycles")) return std::nullopt;
  const double sign = facts.slower() ? 1 : -1;
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

bool worked_otherwise(const Facts& facts) {
  return std::abs(facts.split.instructions) >= least_work ||
         (facts.hbm && std::abs(*facts.hbm) >= least_work);
}

std::string_view choose(const Facts& facts, std::string_view slower, std::string_view faster) {
  return facts.slower() ? slower : faster;
}

/// One rule: the evidence that it needs, and its sentence. `holds` may rely on the rules above it
/// not holding.
struct Rule {
  Cause cause;
  bool (*holds)(const Facts&);
  std::string (*conclusion)(const Facts&);
};

const std::array rules{
    Rule{Cause::hidden_work, [](const Facts& f) { return !f.significant() && worked_otherwise(f); },
         [](const Facts&) { return std::string("the work changed, the duration did not"); }},
    Rule{Cause::noise, [](const Facts& f) { return !f.significant(); },
         [](const Facts&) { return std::string("no change to explain"); }},
    Rule{Cause::not_seen,
         [](const Facts& f) {
           return f.total() * f.change <= 0 || std::abs(f.total()) < std::abs(f.change) / 2;
         },
         [](const Facts&) {
           return std::string("their process did not see the change, so they can't explain it");
         }},
    Rule{Cause::unsettled,
         [](const Facts& f) { return std::abs(f.split.rest) > std::abs(f.total()) / 2; },
         [](const Facts& f) {
           return fmt::format("{} of it is a difference between collections: not settled",
                              in_percent(f.split.rest));
         }},
    Rule{Cause::clock, [](const Facts& f) { return f.mostly(f.split.clock); },
         [](const Facts& f) {
           const std::string_view cap = f.seen.power_cap == PowerCap::seen ? "power cap: " : "";
           return fmt::format("{}{}", cap,
                              f.seen.code == CodeMatch::same
                                  ? "the machine, not the change"
                                  : "the machine, or a kernel that draws another power");
         }},
    Rule{Cause::instructions, [](const Facts& f) { return f.mostly(f.split.instructions); },
         [](const Facts& f) { return std::string(choose(f, "more work", "less work")); }},
    // This rule precedes the bytes: with half-used sectors the HBM has to send more, too.
    Rule{Cause::coalescing, [](const Facts& f) { return f.mostly(f.sectors_a_request); },
         [](const Facts& f) { return fmt::format("{} coalescing", choose(f, "worse", "better")); }},
    Rule{Cause::locality,
         [](const Facts& f) {
           const double lost = f.slower() ? -hit_rate_rise(f) : hit_rate_rise(f);
           return f.mostly(f.hbm) && lost >= least_hit_rate;
         },
         [](const Facts& f) { return std::string(choose(f, "locality lost", "locality gained")); }},
    Rule{Cause::hbm_bytes, [](const Facts& f) { return f.mostly(f.hbm); },
         [](const Facts& f) {
           return std::string(choose(f, "more bytes from memory", "fewer bytes from memory"));
         }},
    Rule{Cause::coalescing, [](const Facts& f) { return f.mostly(f.sectors); },
         [](const Facts& f) {
           const std::string_view word = choose(f, "worse", "better");
           return fmt::format("{} coalescing{}, or {} reuse in the L1", word,
                              f.sectors_a_request ? " of stores" : "", choose(f, "less", "more"));
         }},
    Rule{Cause::occupancy,
         [](const Facts& f) {
           const double rise = f.occupancy.value_or(0);
           return f.mostly(f.split.ipc) && (f.slower() ? -rise : rise) >= least_occupancy;
         },
         [](const Facts& f) {
           return fmt::format("{} warps to hide latency with", choose(f, "fewer", "more"));
         }},
    Rule{Cause::launch,
         [](const Facts& f) { return f.mostly(f.split.ipc) && f.seen.code == CodeMatch::launch; },
         [](const Facts&) { return std::string("the same work, launched differently"); }},
    Rule{Cause::stalls, [](const Facts& f) { return f.mostly(f.split.ipc) && main_stall(f); },
         [](const Facts& f) {
           const Stall stall = *main_stall(f);
           return fmt::format("warps wait {}: {} {:+.2f} cycles an instruction",
                              choose(f, "longer", "less"), stall.id, stall.change);
         }},
    Rule{Cause::unsettled, [](const Facts&) { return true; },
         [](const Facts& f) {
           const bool detailed = f.seen.metrics.contains("warp_cycles");
           return fmt::format("{}; these counters do not settle why{}",
                              f.mostly(f.split.ipc) ? choose(f, "the same work at a lower rate",
                                                             "the same work at a higher rate")
                                                    : "no single part makes half of it",
                              detailed ? "" : ", the metric set `explain` has more");
         }},
};

/// Returns what moved beside the three parts of the split: "HBM bytes +11.0 %, L2 hit rate 61 to 22
/// %".
std::string evidence_of(const Facts& facts) {
  const auto counts = [&](const std::optional<double>& change) {
    return change && std::abs(*change) >= std::max(least_work, std::abs(facts.total()) / 4);
  };
  std::vector<std::string> words;
  const auto add = [&](std::string_view what, const std::optional<double>& change) {
    if (counts(change)) words.push_back(fmt::format("{} {}", what, in_percent(*change)));
  };
  add("HBM bytes", facts.hbm);
  if (std::abs(hit_rate_rise(facts)) >= least_hit_rate)
    words.push_back(fmt::format("L2 hit rate {:.0f} to {:.0f} %", 100 * *facts.hit_rate->base,
                                100 * *facts.hit_rate->head));
  add("L2 sectors of the SMs", facts.sectors);
  add("L1 sectors a request", facts.sectors_a_request);
  if (facts.occupancy && std::abs(*facts.occupancy) >= least_occupancy)
    words.push_back(fmt::format("occupancy {}", in_percent(*facts.occupancy)));
  return join(words);
}

/// Returns "+12.0 %: launch changed (grid 132x1x1 to 264x1x1)".
std::string lead_of(const Observed& seen) {
  const std::string difference = launch_difference(seen.base_launches, seen.launches);
  return fmt::format("{}: {}{}", percent(seen.change->effect), code_match_info(seen.code).words,
                     difference.empty() ? "" : fmt::format(" ({})", difference));
}

}  // namespace

const CauseInfo& cause_info(Cause cause) {
  return causes[static_cast<std::size_t>(cause)];
}

Explanation explain(const Observed& observed) {
  if (!observed.change) return {Cause::not_compared, ""};
  if (!observed.split)
    return {Cause::no_counters,
            fmt::format("{}; no counters on both sides that would tell why", lead_of(observed))};
  const Facts facts = facts_of(observed);
  const auto* rule = rules.begin();
  while (!rule->holds(facts)) ++rule;
  const std::string evidence = evidence_of(facts);
  if (!facts.significant()) {
    const std::string bytes = facts.hbm ? ", HBM bytes " + in_percent(*facts.hbm) : "";
    return {rule->cause,
            fmt::format("{}, instructions {}{}: {}", lead_of(observed),
                        in_percent(facts.split.instructions), bytes, rule->conclusion(facts))};
  }
  return {rule->cause,
          fmt::format("{}; in the counters' own {}: instructions {}, IPC {}, clock {}{}{}: {}",
                      lead_of(observed), in_percent(facts.total()),
                      in_percent(facts.split.instructions), in_percent(-facts.split.ipc),
                      in_percent(-facts.split.clock), evidence.empty() ? "" : "; ", evidence,
                      rule->conclusion(facts))};
}

}  // namespace perfgate
