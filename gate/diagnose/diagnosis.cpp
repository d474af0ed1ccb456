// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gate/diagnose/counter_changes.h"
#include "gate/diagnose/launch_effects.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr double least_change = 0.005;   // of the duration, for an explanation
constexpr double least_occupancy = 0.1;  // of the counted warps
constexpr double least_share = 0.1;      // of the change, for a cause to be listed
constexpr double least_for_title = 0.5;  // of the change, for a cause to be the title
constexpr std::size_t most_in_sentence = 2;

std::string in_percent(double log) {
  return percent(std::expm1(log));
}

/// The input of the rules.
struct Facts {
  const Observed& seen;
  double change = 0;  ///< natural log of the judged change
  CounterChanges counters;
  LaunchEffects launch;
  std::optional<TimeBreakdown> split;  ///< empty when the counters can't explain the change
  std::string unusable;                ///< why they can't
  double total = 0;                    ///< the change that is explained: the counters' own, if any

  bool slower() const { return change > 0; }
  bool same_code() const { return seen.code == CodeMatch::same; }
};

Facts facts_of(const Observed& seen) {
  Facts facts{seen,
              std::log1p(seen.change->effect),
              counter_changes(seen.metrics),
              launch_effects(seen.base_launches, seen.launches, seen.gpu),
              seen.split,
              "",
              0};
  facts.total = facts.change;
  if (!seen.split) {
    facts.unusable = "no counters on both sides";
    return facts;
  }
  const double total = seen.split->total();
  if (total * facts.change <= 0 || std::abs(total) < std::abs(facts.change) / 2)
    facts.unusable =
        fmt::format("the counters' process did not see the change ({})", in_percent(total));
  else if (std::abs(seen.split->rest) > std::abs(total) / 2)
    facts.unusable = fmt::format("{} of it is a difference between the counters' collections",
                                 in_percent(seen.split->rest));
  else
    facts.total = total;
  if (!facts.unusable.empty()) facts.split.reset();
  return facts;
}

/// Collects causes; sizes are natural logs, positive for a longer duration.
class Causes {
 public:
  explicit Causes(const Facts& facts) : m_total(facts.total) {}

  void add(Cause cause, double size, std::string evidence) {
    const double share = std::min(size / m_total, 1.0);
    if (share < least_share) return;
    const auto known = find(cause);
    if (known == m_found.end()) return m_found.push_back({cause, share, std::move(evidence)});
    known->share = std::max(known->share, share);
    known->evidence += fmt::format(", {}", evidence);
  }
  /// Drops `consequence` where `cause` explains at least half as much: then it is a part of it.
  void absorb(Cause cause, Cause consequence) {
    const auto first = find(cause), second = find(consequence);
    if (first == m_found.end() || second == m_found.end() || first->share < second->share / 2)
      return;
    first->share = std::max(first->share, second->share);
    first->evidence += fmt::format(", {}", second->evidence);
    m_found.erase(second);
  }
  bool contains(Cause cause) { return find(cause) != m_found.end(); }
  /// The largest part that any of them explains.
  double largest() const {
    double share = 0;
    for (const CauseFound& found : m_found) share = std::max(share, found.share);
    return share;
  }
  /// Returns them with the largest share first, in the table's order where they explain as much.
  std::vector<CauseFound> take() {
    std::sort(m_found.begin(), m_found.end(), [](const CauseFound& a, const CauseFound& b) {
      return a.share != b.share ? a.share > b.share : a.cause < b.cause;
    });
    return std::move(m_found);
  }

 private:
  std::vector<CauseFound>::iterator find(Cause wanted) {
    return std::find_if(m_found.begin(), m_found.end(),
                        [&](const CauseFound& found) { return found.cause == wanted; });
  }

  double m_total;
  std::vector<CauseFound> m_found;
};

std::string hit_rate_words(const CounterChanges& counters) {
  return fmt::format("L2 hit rate {:.0f} to {:.0f} %", 100 * *counters.hit_rate->base,
                     100 * *counters.hit_rate->head);
}

/// Needs no counter.
void add_launch_causes(const Facts& facts, Causes& found) {
  if (facts.seen.code == CodeMatch::kernels && facts.seen.launches.empty())
    found.add(Cause::kernels, facts.total, "in its parts");
  if (facts.launch.kernels) found.add(Cause::kernels, facts.total, *facts.launch.kernels);
  if (const auto& blocks = facts.launch.blocks)
    found.add(Cause::blocks, blocks->size, blocks->words);
  if (const auto& occupancy = facts.launch.occupancy)
    found.add(Cause::occupancy, occupancy->size, occupancy->words);
}

void add_traffic_causes(const Facts& facts, Causes& found) {
  const CounterChanges& seen = facts.counters;
  if (seen.sectors_a_request)
    found.add(Cause::coalescing, *seen.sectors_a_request,
              fmt::format("L1 sectors a request {:.1f} to {:.1f} ({})", *seen.request->base,
                          *seen.request->head, in_percent(*seen.sectors_a_request)));
  // More bytes are more sectors; what is beyond them is coalescing, or the L1.
  if (seen.sectors && !found.contains(Cause::coalescing))
    found.add(Cause::coalescing, *seen.sectors - seen.hbm.value_or(0),
              fmt::format("L2 sectors of the SMs {}{}", in_percent(*seen.sectors),
                          seen.sectors_a_request ? " by stores or the L1" : ""));
  if (!seen.hbm) return;
  const std::string bytes = fmt::format("HBM bytes {}", in_percent(*seen.hbm));
  const double lost = facts.slower() ? -seen.hit_rate_rise() : seen.hit_rate_rise();
  if (lost >= least_hit_rate)
    found.add(Cause::locality, *seen.hbm, fmt::format("{}, {}", hit_rate_words(seen), bytes));
  else
    found.add(facts.same_code() ? Cause::data : Cause::bytes, *seen.hbm, bytes);
  // With half-used sectors the HBM has to send more, too.
  for (const Cause consequence : {Cause::locality, Cause::bytes, Cause::data})
    found.absorb(Cause::coalescing, consequence);
}

/// Returns "stall long scoreboard" of "stall_long_scoreboard".
std::string spaced(std::string id) {
  std::replace(id.begin(), id.end(), '_', ' ');
  return id;
}

/// What nothing else explains of the rate at which instructions are executed.
void add_rest_of_rate(const Facts& facts, Causes& found) {
  const double rest = facts.split->ipc - found.largest() * facts.total;
  const bool moved = facts.slower() ? rest > 0 : rest < 0;
  if (!moved) return;
  if (facts.seen.code == CodeMatch::launch)
    return found.add(Cause::launch, rest,
                     facts.launch.difference.empty() ? "in its parts" : facts.launch.difference);
  const CounterChanges& seen = facts.counters;
  const auto still = [](const std::optional<double>& change) {
    return change && std::abs(*change) < least_work;
  };
  if (facts.same_code() && still(seen.instructions) && still(seen.hbm))
    return found.add(facts.seen.against == Against::base_build ? Cause::before : Cause::machine,
                     rest, "same code, launch, instructions and bytes");
  if (const auto stall = main_stall(facts.seen.metrics, facts.slower()))
    found.add(Cause::latency, rest,
              fmt::format("{} {:+.2f} cycles an instruction", spaced(stall->id), stall->change));
}

void add_counter_causes(const Facts& facts, Causes& found) {
  add_traffic_causes(facts, found);
  if (const auto& occupancy = facts.counters.occupancy;
      occupancy && std::abs(*occupancy) >= least_occupancy)
    if (!found.contains(Cause::occupancy))
      found.add(Cause::occupancy, std::min(-*occupancy, facts.split->ipc),
                fmt::format("warps on an SM {}", in_percent(*occupancy)));
  found.add(facts.same_code() ? Cause::data : Cause::work, facts.split->instructions,
            fmt::format("instructions {}", in_percent(facts.split->instructions)));
  found.absorb(Cause::blocks, Cause::occupancy);
  found.add(Cause::clock, facts.split->clock,
            fmt::format("SM clock {}{}", in_percent(-facts.split->clock),
                        facts.seen.power_cap == PowerCap::seen ? ", by the power cap" : ""));
  add_rest_of_rate(facts, found);
}

std::string code_words(const Facts& facts) {
  const std::string words(code_match_info(facts.seen.code).words);
  return facts.seen.code == CodeMatch::launch && !facts.launch.difference.empty()
             ? fmt::format("{} ({})", words, facts.launch.difference)
             : words;
}

/// Says whose doing it is where the code is the same: neither the code's nor, mostly, the
/// machine's.
std::string conclusion_of(const Facts& facts, Cause cause) {
  // These three have told the difference already.
  if (cause == Cause::blocks || cause == Cause::occupancy || cause == Cause::launch)
    return std::string(code_match_info(facts.seen.code).words);
  if (!facts.same_code()) return code_words(facts);
  if (cause == Cause::clock) return "same code: the machine, not the change";
  if (cause == Cause::machine) return "no change of the code did it";
  if (cause == Cause::before)
    return "both builds had this machine, so a kernel before it did it, not its own code";
  return "same code and launch, so an argument or the data did it";
}

std::string unsettled(const Facts& facts, const std::vector<CauseFound>& found) {
  std::string text = fmt::format("{}: {}; ", percent(facts.seen.change->effect), code_words(facts));
  if (!facts.unusable.empty()) return text + facts.unusable;
  const TimeBreakdown& split = *facts.split;
  text += fmt::format("instructions {}, IPC {}, clock {}", in_percent(split.instructions),
                      in_percent(-split.ipc), in_percent(-split.clock));
  for (const CauseFound& one : found)
    if (one.cause != Cause::work && one.cause != Cause::clock)
      text += fmt::format(", {}", one.evidence);
  text += ": no single cause makes half of it";
  if (!facts.seen.metrics.contains("warp_cycles"))
    text += "; the metric set `explain` has more counters";
  return text;
}

std::string sentence_of(const Facts& facts, const std::vector<CauseFound>& found) {
  const CauseFound& first = found.front();
  const std::string size = percent(facts.seen.change->effect);
  std::string text = first.share < 0.995 ? fmt::format("{}: explains {:.0f} % of the {}",
                                                       first.evidence, 100 * first.share, size)
                                         : fmt::format("{}: explains the {}", first.evidence, size);
  for (std::size_t i = 1; i < std::min(found.size(), most_in_sentence + 1); ++i)
    text += fmt::format("; also {} ({})", cause_title(found[i].cause, facts.seen.change),
                        found[i].evidence);
  // "other kernels" is the cause's title already.
  if (const std::string conclusion = conclusion_of(facts, first.cause);
      conclusion != cause_title(first.cause, facts.seen.change))
    text += fmt::format("; {}", conclusion);
  if (!facts.unusable.empty()) text += fmt::format("; {}", facts.unusable);
  return text;
}

/// A change that is no change in time: what is left to say is whether the work moved.
Explanation unchanged(const Facts& facts) {
  std::string work;
  const auto add = [&](std::string_view what, const std::optional<double>& change) {
    if (change && std::abs(*change) >= least_work)
      work += fmt::format(", {} {}", what, in_percent(*change));
  };
  add("instructions", facts.counters.instructions);
  add("HBM bytes", facts.counters.hbm);
  const std::string lead =
      fmt::format("{}: {}{}", percent(facts.seen.change->effect), code_words(facts), work);
  return {Cause::none,
          {},
          fmt::format(
              "{}: {}", lead,
              work.empty() ? "no change to explain" : "the work changed, the duration did not")};
}

}  // namespace

const CauseInfo& cause_info(Cause cause) {
  return causes[static_cast<std::size_t>(cause)];
}

std::string_view cause_title(Cause cause, const std::optional<Change>& change) {
  const CauseInfo& info = cause_info(cause);
  return change && change->effect < 0 ? info.faster : info.slower;
}

Explanation explain(const Observed& observed) {
  if (!observed.change) return {};
  const Facts facts = facts_of(observed);
  const Change& judged = *observed.change;
  const bool significant =
      (judged.lower > 0 || judged.upper < 0) && std::abs(judged.effect) >= least_change;
  if (!significant) return unchanged(facts);
  Causes all(facts);
  add_launch_causes(facts, all);
  if (facts.split) add_counter_causes(facts, all);
  std::vector<CauseFound> found = all.take();
  if (found.empty() || found.front().share < least_for_title) {
    std::string sentence = unsettled(facts, found);
    return {Cause::unknown, std::move(found), std::move(sentence)};
  }
  std::string sentence = sentence_of(facts, found);
  return {found.front().cause, std::move(found), std::move(sentence)};
}

}  // namespace perfgate
