// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "gate/judge/impossible.h"
#include "gate/judge/program_cases.h"
#include "gate/judge/settings_differ.h"
#include "gate/run/machine_drift.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// The verdict's reason for each way in which a measurement is spoiled.
constexpr std::array<std::pair<Invalidity, Reason>, 3> reasons_of_invalidity{{
    {Invalidity::gpu_busy, Reason::gpu_busy},
    {Invalidity::throttled, Reason::throttled},
    {Invalidity::clock_off, Reason::clock_off},
}};

Reason reason_of(Invalidity kind) {
  return std::find_if(reasons_of_invalidity.begin(), reasons_of_invalidity.end(),
                      [&](const auto& entry) { return entry.first == kind; })
      ->second;
}

std::string wrong_result(const CaseCheck& check) {
  if (!check.error) return "the output holds a NaN";
  return fmt::format("error {:.2e} against the reference, limit {:.0e}, over {}", *check.error,
                     check.limit, count_of(static_cast<std::size_t>(check.elements), "output"));
}

/// Returns why a case that was to be measured beside a base build was not: the stored baseline must
/// not judge it as if nobody had asked for more.
std::optional<Refusal> no_base_side(const Comparison& comparison, const Case& planned,
                                    const CaseView& head) {
  const bool paired =
      head.rounds_s.size() >= 2 ? !head.rounds_base_s.empty() : head.durations_base_s.size() >= 2;
  if (paired || !comparison.screened_beside_base_build() || base_build_lacks(comparison, planned))
    return std::nullopt;
  const CaseView& built = comparison.base_build(planned.id);
  const std::string why = built.failure.value_or(
      comparison.base_build_error().value_or("it was not measured in two valid pairs"));
  return Refusal{Reason::not_measured, "the base build: " + why};
}

}  // namespace

RunFaults faults_of(const Comparison& comparison) {
  return {first_process_error(comparison.run()), invalid_run(comparison.run()),
          settings_differ(comparison.run(), comparison.baseline())};
}

std::optional<Refusal> refusal_of(const Comparison& comparison, const RunFaults& faults,
                                  const Case& planned, const CaseView& head,
                                  const BaselineCase* base) {
  const std::size_t processes = head.durations_s.size();
  const bool measured = processes >= 2 || head.rounds_s.size() >= 2;
  if (head.failed_check) return Refusal{Reason::wrong_result, wrong_result(*head.failed_check)};
  const CaseView& built = comparison.base_build(planned.id);
  if (built.failed_check)
    return Refusal{Reason::wrong_result, "the base build: " + wrong_result(*built.failed_check)};
  if (head.failure) return Refusal{Reason::not_measured, *head.failure};
  if (head.kernels_changed)
    return Refusal{Reason::kernels_changed, "not the same kernels in every process"};
  if (built.kernels_changed)
    return Refusal{Reason::kernels_changed,
                   "the base build: not the same kernels in every process"};
  if (faults.invalid) return Refusal{reason_of(faults.invalid->kind), faults.invalid->why};
  if (faults.differs) return Refusal{Reason::settings_differ, *faults.differs};
  // A kernel that one side alone launches has no rounds beside a base build.
  if (launched_otherwise(comparison, planned))
    return Refusal{Reason::other_sequence,
                   "its range launches other kernels than in the baseline; the range is judged"};
  if (!measured && faults.dead) return Refusal{Reason::runner_failed, *faults.dead};
  if (!measured)
    return Refusal{Reason::too_few_processes,
                   count_of(processes, "process") + " measured it, two are needed"};
  if (lacks_check(planned, comparison.run().plan, head))
    return Refusal{Reason::not_checked, "no process compared its output with the reference"};
  if (!built.durations_s.empty() && lacks_check(planned, comparison.run().plan, built))
    return Refusal{Reason::not_checked,
                   "the base build: no process compared its output with the reference"};
  if (auto why = impossible(comparison, planned))
    return Refusal{Reason::impossible, std::move(*why)};
  if (auto why = work_differs(planned, comparison.run(), comparison.baseline()))
    return Refusal{Reason::other_work, std::move(*why)};
  if (comparison.baseline().added.contains(planned.id))
    return Refusal{Reason::new_case,
                   "this change adds it to the baseline; judged from the merge on"};
  if (!base) return Refusal{Reason::no_baseline, "add it with `perfgate baseline refresh`"};
  return no_base_side(comparison, planned, head);
}

std::optional<Refusal> refusal_of(const Evidence& evidence) {
  if (evidence.against_base_build() || !moved_too_far(evidence.machine())) return std::nullopt;
  return Refusal{
      Reason::machine_moved,
      fmt::format("by the sentinels the machine itself moved durations by {} since the baseline: "
                  "find out why, measure beside --base-runner, or refresh the baseline",
                  percent(evidence.machine()))};
}

}  // namespace perfgate
