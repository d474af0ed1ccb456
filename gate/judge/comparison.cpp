// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/comparison.h"

#include <algorithm>
#include <iterator>

namespace perfgate {

namespace {

/// `match_of` of the case, or of the parts that it is made of.
template <class MatchOf>
CodeMatch over_parts(const Case& planned, const MatchOf& match_of) {
  if (planned.whole_of.empty()) return match_of(planned.id);
  CodeMatch match = CodeMatch::same;
  for (const std::string& part : planned.whole_of) match = worst_match(match, match_of(part));
  return match;
}

/// Returns the ids of the metrics that the two define differently.
std::vector<std::string> otherwise_defined(const RunRecord& run, const Baseline& baseline) {
  std::vector<std::string> ids;
  for (const Metric& metric : run.plan.metrics)
    if (const auto was = baseline.definitions.find(metric.id);
        was != baseline.definitions.end() && was->second != definition_of(metric))
      ids.push_back(metric.id);
  return ids;
}

Baseline without_metrics(Baseline baseline, const std::vector<std::string>& ids) {
  for (BaselineCase& stored : baseline.cases)
    for (const std::string& id : ids) {
      stored.metrics.erase(id);
      stored.stability.erase(id);
    }
  return baseline;
}

std::optional<Sentinels> first_known(const std::optional<Sentinels>& wanted,
                                     const std::optional<Sentinels>& other) {
  return wanted ? wanted : other;
}

}  // namespace

Comparison::Comparison(const RunRecord& run, const Baseline& baseline)
    : m_run(run),
      m_other_metrics(otherwise_defined(run, baseline)),
      m_baseline(without_metrics(baseline, m_other_metrics)),
      m_base_build(base_side(run)),
      m_views(run),
      m_base_views(m_base_build),
      m_stored(index_cases(m_baseline)),
      m_screen_sentinels(
          first_known(median_sentinels(run, Phase::screen), median_sentinels(run, Phase::rounds))),
      m_rounds_sentinels(first_known(median_sentinels(run, Phase::rounds), m_screen_sentinels)) {}

const std::vector<KernelLaunch>& Comparison::stored_launches(std::string_view case_id) const {
  const BaselineCase* stored = base(case_id);
  return stored ? stored->kernels : m_none;
}

Launches Comparison::launches(std::string_view case_id) const {
  const std::vector<KernelLaunch>& built = m_base_views[case_id].kernels;
  return {built.empty() ? stored_launches(case_id) : built, m_views[case_id].kernels};
}

CodeMatch Comparison::code_match(const Case& planned) const {
  return over_parts(planned, [&](std::string_view case_id) {
    const Launches both = launches(case_id);
    return match_launches(both.base, both.head);
  });
}

CodeMatch Comparison::stored_code_match(const Case& planned) const {
  return over_parts(planned, [&](std::string_view case_id) {
    return match_launches(stored_launches(case_id), m_views[case_id].kernels);
  });
}

BoardMatch Comparison::board_match() const {
  if (m_run.gpu && m_baseline.has_board(m_run.gpu->uuid)) return BoardMatch::own;
  return m_baseline.boards() > 1 ? BoardMatch::pool : BoardMatch::other;
}

bool Comparison::screened_beside_base_build() const {
  return std::any_of(m_run.processes.begin(), m_run.processes.end(),
                     [](const ProcessRecord& process) {
                       return process.side == Side::base && process.round == 0 &&
                              process.kind == ProcessKind::timing;
                     });
}

std::optional<std::string> Comparison::base_build_error() const {
  return first_process_error(m_base_build);
}

bool Comparison::is_own(int session) const {
  return m_run.gpu && m_baseline.sessions.at(session).board == m_run.gpu->uuid;
}

std::vector<int> Comparison::sessions_to_compare(const std::vector<int>& stored) const {
  constexpr std::size_t enough = 3;
  std::vector<int> own;
  std::copy_if(stored.begin(), stored.end(), std::back_inserter(own),
               [&](int session) { return is_own(session); });
  return own.size() >= enough ? own : stored;
}

std::optional<Sentinels> Comparison::stored_sentinels() const {
  std::vector<int> all;
  for (const auto& [number, session] : m_baseline.sessions) all.push_back(number);
  std::vector<Sentinels> found;
  for (const int number : sessions_to_compare(all)) {
    const auto& sentinels = m_baseline.sessions.at(number).sentinels;
    if (!sentinels) return std::nullopt;
    found.push_back(*sentinels);
  }
  return median_of(found);
}

}  // namespace perfgate
