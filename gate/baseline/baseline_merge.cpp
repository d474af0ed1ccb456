#include "gate/baseline/baseline_merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/error.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

std::optional<std::string> other_conditions(const Baseline& before, const Baseline& now) {
  const auto driver = [](const Baseline& baseline) {
    return baseline.gpu.driver.value_or("unknown");
  };
  struct Row {
    std::string what, was, is;
  };
  std::vector<Row> rows{{"GPU", before.gpu.uuid, now.gpu.uuid},
                        {"driver", driver(before), driver(now)},
                        {"CUDA", before.gpu.cuda, now.gpu.cuda},
                        {"cuBLAS", before.gpu.cublas, now.gpu.cublas},
                        {"clocks", std::string(clock_policy_id(before.clocks)),
                         std::string(clock_policy_id(now.clocks))}};
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
  const auto take = [&](const std::string& id) {
    const auto was =
        std::find_if(old.begin(), old.end(), [&](const auto& c) { return c.id == id; });
    if (const BaselineCase* measured = now.find(id)) {
      before.cases.push_back(*measured);
      before.cases.back().created = now.created;
      before.cases.back().commit = now.commit;
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
    after.accepted.push_back({acceptance.case_id, acceptance.why, when, median(was->durations_s),
                              median(is->durations_s)});
  }
}

}  // namespace perfgate
