#include "gate/judge/comparison.h"

namespace perfgate {

Comparison::Comparison(const RunRecord& run, const Baseline& baseline)
    : m_run(run),
      m_baseline(baseline),
      m_base_build(base_side(run)),
      m_views(run),
      m_base_views(m_base_build),
      m_stored(index_cases(baseline)),
      m_screen_sentinels(median_sentinels(run, Phase::screen)),
      m_rounds_sentinels(median_sentinels(run, Phase::rounds)) {}

Launches Comparison::launches(const std::string& case_id) const {
  Launches launches{m_base_views[case_id].kernels, m_views[case_id].kernels};
  if (const BaselineCase* stored = base(case_id); launches.base.empty() && stored)
    launches.base = stored->kernels;
  return launches;
}

CodeMatch Comparison::code_match(const Case& planned) const {
  const auto match_of = [&](const std::string& case_id) {
    const Launches of_part = launches(case_id);
    return match_launches(of_part.base, of_part.head);
  };
  if (planned.whole_of.empty()) return match_of(planned.id);
  CodeMatch match = CodeMatch::same;
  for (const std::string& part : planned.whole_of) match = worst_match(match, match_of(part));
  return match;
}

bool Comparison::same_board() const {
  return m_run.gpu && m_run.gpu->uuid == m_baseline.gpu.uuid;
}

}  // namespace perfgate
