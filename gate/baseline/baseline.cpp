// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <set>

#include "gate/baseline/tuning.h"
#include "gate/record/stability_json.h"
#include "gate/run/beat_note.h"
#include "gate/run/run_view.h"
#include "gate/run/validity.h"
#include "gate/util/checksum.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"
#include "gate/util/toml_table.h"

namespace perfgate {

namespace {

std::string launch_text(const KernelLaunch& launch) {
  const std::string code = launch.code.empty() ? "" : ", code " + launch.code.substr(0, 8);
  return fmt::format("{} <<<({}, {}, {}), ({}, {}, {}), {}>>> {} registers{}", launch.name,
                     launch.grid[0], launch.grid[1], launch.grid[2], launch.block[0],
                     launch.block[1], launch.block[2], launch.shared_bytes, launch.registers, code);
}

}  // namespace

Board board_of(const RunRecord& run) {
  return {run.gpu_id, run.gpu ? run.gpu->uuid : ""};
}

std::string board_file(const Board& board) {
  // "GPU-eed0a850-1234-...": eight digits tell the boards of one team apart.
  std::string digits;
  for (const char c : board.uuid.substr(std::min(board.uuid.size(), board.uuid.find('-') + 1)))
    if (std::isalnum(static_cast<unsigned char>(c)) && digits.size() < 8) digits += c;
  return board.gpu_id + (digits.empty() ? "" : "." + digits) + ".toml";
}

const BaselineCase* Baseline::find(std::string_view id) const {
  const auto found =
      std::find_if(cases.begin(), cases.end(), [&](const auto& entry) { return entry.id == id; });
  return found == cases.end() ? nullptr : &*found;
}

std::vector<double> BaselineCase::durations_s() const {
  std::vector<double> all;
  for (const auto& [session, durations_s] : sessions_s)
    all.insert(all.end(), durations_s.begin(), durations_s.end());
  return all;
}

std::optional<Sentinels> Baseline::sentinels() const {
  std::vector<Sentinels> found;
  for (const auto& [number, session] : sessions)
    if (session.sentinels) found.push_back(*session.sentinels);
  return median_of(found);
}

bool Baseline::has_board(std::string_view uuid) const {
  return std::any_of(sessions.begin(), sessions.end(),
                     [&](const auto& entry) { return entry.second.board == uuid; });
}

std::size_t Baseline::boards() const {
  std::set<std::string_view> uuids;
  for (const auto& [number, session] : sessions) uuids.insert(session.board);
  return uuids.size();
}

BaselineIndex index_cases(const Baseline& baseline) {
  BaselineIndex index;
  for (const BaselineCase& stored : baseline.cases) index.emplace(stored.id, &stored);
  return index;
}

const BaselineCase* find(const BaselineIndex& index, std::string_view id) {
  const auto found = index.find(id);
  return found == index.end() ? nullptr : found->second;
}

void keep_cases(Baseline& baseline, const std::vector<std::string>& globs) {
  if (globs.empty()) return;
  std::erase_if(baseline.cases,
                [&](const BaselineCase& entry) { return !matches_any(globs, entry.id); });
}

std::optional<std::string> unfit_as_base(const RunRecord& run) {
  if (const auto invalid = invalid_run(run)) return invalid->why;
  const CaseViews views(run);
  for (const Case& planned : run.plan.cases) {
    const CaseView& view = views[planned.id];
    if (view.failed_check) return planned.id + ": its output is wrong";
    if (view.kernels_changed)
      return planned.id + ": it ran other kernels in one process than in another";
    const bool measured = !view.durations_s.empty() || !view.rounds_s.empty();
    if (measured && lacks_check(planned, run.plan, view))
      return planned.id + ": its output was never compared with the reference";
  }
  return std::nullopt;
}

Baseline make_baseline(const RunRecord& run) {
  if (!run.gpu) throw NoVerdict("the run has no measurement in it, so it is no baseline");
  Baseline baseline{run.gpu_id, *run.gpu,    run.clocks, run.perfgate,
                    run.commit, run.created, run.command};
  constexpr int first = 1;
  BaselineSession& session = baseline.sessions[first];
  session = {run.created, run.commit, run.gpu->uuid, median_sentinels(run)};
  if (const auto beat = memory_beat_of(run)) session.beat = {beat->period_s, beat->length_s};
  baseline.settings = settings_of(run.plan);
  baseline.tuning = tuning_of(run);
  baseline.seed = run.plan.seed;
  for (const Metric& metric : run.plan.metrics)
    baseline.definitions[metric.id] = definition_of(metric);
  const CaseViews views(run);
  for (const Case& planned : run.plan.cases) {
    const CaseView& view = views[planned.id];
    if (view.durations_s.size() < 2) continue;
    baseline.cases.push_back(
        {planned.id, {{first, view.durations_s}}, view.metrics, view.kernels, view.stability});
    for (const Timing* timing : view.timings)
      baseline.cases.back().samples_s.insert(baseline.cases.back().samples_s.end(),
                                             timing->samples_s.begin(), timing->samples_s.end());
  }
  return baseline;
}

std::vector<std::string> diff_baselines(const Baseline& before, const Baseline& after) {
  std::vector<std::string> lines;
  const BaselineIndex old_cases = index_cases(before), new_cases = index_cases(after);
  for (const BaselineCase& now : after.cases) {
    const double new_us = median(now.durations_s()) * 1e6;
    const BaselineCase* was = find(old_cases, now.id);
    if (!was) {
      lines.push_back(fmt::format("+ {}  {:.2f} us", now.id, new_us));
      continue;
    }
    const double old_us = median(was->durations_s()) * 1e6;
    lines.push_back(fmt::format("  {}  {:.2f} -> {:.2f} us ({})", now.id, old_us, new_us,
                                percent(new_us / old_us - 1)));
    for (std::size_t i = 0; i < std::max(was->kernels.size(), now.kernels.size()); ++i) {
      const KernelLaunch* const a = i < was->kernels.size() ? &was->kernels[i] : nullptr;
      const KernelLaunch* const b = i < now.kernels.size() ? &now.kernels[i] : nullptr;
      // The first baseline that knows codes reports no kernel as changed for that alone.
      if (a && b && same_launch(*a, *b)) continue;
      lines.push_back(fmt::format("    kernel {}: {} -> {}", i, a ? launch_text(*a) : "none",
                                  b ? launch_text(*b) : "none"));
    }
  }
  for (const BaselineCase& was : before.cases)
    if (!find(new_cases, was.id)) lines.push_back(fmt::format("- {}", was.id));
  return lines;
}

}  // namespace perfgate
