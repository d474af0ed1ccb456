// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gate/baseline/gpu_settings.h"
#include "gate/baseline/repeated_session.h"
#include "gate/util/error.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Appends the sessions of `now`, and returns their new numbers by their old ones.
std::map<int, int> append_sessions(Baseline& before, const Baseline& now) {
  std::map<int, int> numbers;
  for (const auto& [number, session] : now.sessions) {
    const int next = before.sessions.empty() ? 1 : before.sessions.rbegin()->first + 1;
    before.sessions[next] = session;
    numbers[number] = next;
  }
  return numbers;
}

std::map<int, std::vector<double>> renumbered(const std::map<int, std::vector<double>>& sessions_s,
                                              const std::map<int, int>& numbers) {
  std::map<int, std::vector<double>> out;
  for (const auto& [number, durations_s] : sessions_s) out[numbers.at(number)] = durations_s;
  return out;
}

/// Drops the sessions whose cases were all measured again since.
void drop_unused_sessions(Baseline& baseline) {
  std::set<int> used;
  for (const BaselineCase& stored : baseline.cases)
    for (const auto& [number, durations_s] : stored.sessions_s) used.insert(number);
  std::erase_if(baseline.sessions, [&](const auto& entry) { return !used.contains(entry.first); });
}

bool same_kernels(const std::vector<KernelLaunch>& a, const std::vector<KernelLaunch>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_launch);
}

/// Returns how well each metric repeats within and between the sessions of both.
Stabilities stability_of_both(const BaselineCase& a, const BaselineCase& b) {
  Stabilities both = a.stability;
  for (auto& [id, stability] : both) {
    const auto there = b.stability.find(id);
    const auto one = a.metrics.find(id), other = b.metrics.find(id);
    if (there == b.stability.end() || one == a.metrics.end() || other == b.metrics.end()) {
      stability = Stability::noisy;
      continue;
    }
    stability = std::max({stability, there->second, stability_of({one->second, other->second})});
  }
  return both;
}

}  // namespace

std::optional<std::string> other_conditions(const Baseline& before, const Baseline& now) {
  const auto driver = [](const Baseline& baseline) {
    return baseline.gpu.driver.value_or("unknown");
  };
  struct Row {
    std::string what, was, is;
  };
  std::vector<Row> rows{{"GPU", before.gpu.name, now.gpu.name},
                        {"driver", driver(before), driver(now)},
                        {"CUDA", before.gpu.cuda, now.gpu.cuda},
                        {"cuBLAS", before.gpu.cublas, now.gpu.cublas},
                        {"clocks", std::string(clock_policy_id(before.clocks)),
                         std::string(clock_policy_id(now.clocks))}};
  if (const auto change = changed_gpu_setting(before.gpu, now.gpu))
    rows.push_back({change->name + " is", change->was, change->is});
  if (before.seed && now.seed)
    rows.push_back({"seed", std::to_string(*before.seed), std::to_string(*now.seed)});
  for (const auto& [metric, was] : before.definitions)
    if (const auto is = now.definitions.find(metric); is != now.definitions.end())
      rows.push_back({"metric " + metric + ":", was, is->second});
  for (const SettingChange& change : changed_settings(before.settings, now.settings))
    rows.push_back({fmt::format("{}: {}", change.source, change.name), change.was, change.is});
  for (const Row& row : rows)
    if (row.was != row.is)
      return fmt::format("{} {} now, {} in the file", row.what, row.is, row.was);
  return std::nullopt;
}

Baseline replace_cases(Baseline before, const Baseline& now,
                       const std::vector<std::string>& order) {
  std::vector<BaselineCase> old = std::move(before.cases);
  before.cases.clear();
  const std::map<int, int> numbers = append_sessions(before, now);
  const auto take = [&](const std::string& id) {
    const auto was =
        std::find_if(old.begin(), old.end(), [&](const auto& c) { return c.id == id; });
    if (const BaselineCase* measured = now.find(id)) {
      before.cases.push_back(*measured);
      before.cases.back().sessions_s = renumbered(measured->sessions_s, numbers);
      std::erase_if(before.accepted,
                    [&](const Accepted& accepted) { return accepted.case_id == id; });
    } else if (was != old.end()) {
      before.cases.push_back(std::move(*was));
    }
    if (was != old.end()) old.erase(was);
  };
  for (const std::string& id : order) take(id);
  // Cases that are no longer planned stay at the end; `lint` names them.
  while (!old.empty()) take(std::string(old.front().id));
  // Those of a source that both have are equal, or other_conditions() has refused.
  for (const auto& [source, settings] : now.settings)
    before.settings[source].insert(settings.begin(), settings.end());
  if (!before.seed) before.seed = now.seed;
  before.definitions.insert(now.definitions.begin(), now.definitions.end());
  drop_unused_sessions(before);
  return before;
}

std::optional<std::string> other_board(const Baseline& before, const Baseline& now) {
  if (before.has_board(now.gpu.uuid)) return std::nullopt;
  return fmt::format("board {} now, which is none of the file's", now.gpu.uuid);
}

std::optional<std::string> cannot_join(const Baseline& before, const Baseline& now) {
  if (auto why = other_conditions(before, now)) return why;
  for (const BaselineCase& stored : before.cases) {
    const BaselineCase* measured = now.find(stored.id);
    if (measured && !same_kernels(stored.kernels, measured->kernels))
      return stored.id +
             " ran other kernels than in the file: a new session joins only the same code";
  }
  for (const BaselineCase& measured : now.cases)
    if (!before.find(measured.id)) return measured.id + " was measured and is not in the file";
  if (const auto copy = repeated_session(add_sessions(before, now)))
    return fmt::format(
        "the run of {} is session {} again, with the same durations in {}: it counts once",
        now.created, copy->first, count_of(copy->cases, "case"));
  return std::nullopt;
}

Baseline add_sessions(Baseline before, const Baseline& now) {
  const std::map<int, int> numbers = append_sessions(before, now);
  for (BaselineCase& stored : before.cases) {
    const BaselineCase* measured = now.find(stored.id);
    if (!measured) continue;  // of another source: a program beside the suite
    stored.sessions_s.merge(renumbered(measured->sessions_s, numbers));
    stored.stability = stability_of_both(stored, *measured);
  }
  before.created = now.created;
  before.commit = now.commit;
  before.perfgate = now.perfgate;
  before.command = now.command;
  GpuFingerprint gpu = now.gpu;
  // Else a session that could not read a setting would let in the next one with another.
  keep_known_settings(gpu, before.gpu);
  before.gpu = std::move(gpu);
  return before;
}

void accept_changes(Baseline& after, const Baseline& before, const std::vector<Acceptance>& given,
                    const std::string& when) {
  for (const Acceptance& acceptance : given) {
    const BaselineCase *was = before.find(acceptance.case_id), *is = after.find(acceptance.case_id);
    if (!was || !is) {
      std::vector<std::string> known;
      for (const BaselineCase& both : before.cases) known.push_back(both.id);
      throw UsageError(fmt::format("--accept {}: {}, so there is no change to accept{}",
                                   acceptance.case_id,
                                   was ? "it is not measured" : "the baseline has no such case",
                                   was ? "" : did_you_mean(acceptance.case_id, known)));
    }
    after.accepted.push_back({acceptance.case_id, acceptance.why, when, median(was->durations_s()),
                              median(is->durations_s())});
  }
}

}  // namespace perfgate
