// SPDX-License-Identifier: Apache-2.0
#include "gate/record/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "gate/util/error.h"

namespace perfgate {

std::string_view process_kind_id(ProcessKind kind) {
  return process_kinds[static_cast<std::size_t>(kind)].id;
}

std::string_view side_id(Side side) {
  return sides[static_cast<std::size_t>(side)].id;
}

namespace {

/// Drops what an earlier process of the same build already holds. Every process reports the same
/// kernels and the same errors, and a record should be readable.
template <class T>
void drop_known(const RunRecord& run, ProcessRecord& process, std::vector<T> ProcessRecord::*list) {
  std::erase_if(process.*list, [&](const T& entry) {
    return std::any_of(run.processes.begin(), run.processes.end(),
                       [&](const ProcessRecord& earlier) {
                         const std::vector<T>& known = earlier.*list;
                         return earlier.side == process.side &&
                                std::find(known.begin(), known.end(), entry) != known.end();
                       });
  });
}

bool same_statistics(const Timing& a, const Timing& b) {
  const auto statistics = [](const Timing& timing) {
    return std::tie(timing.case_id, timing.count, timing.iq_mean_s, timing.median_s, timing.q1_s,
                    timing.q3_s, timing.min_s, timing.max_s, timing.placements_s);
  };
  return statistics(a) == statistics(b);
}

}  // namespace

bool same_process(const ProcessRecord& a, const ProcessRecord& b) {
  const auto measured = !a.timings.empty() || !a.metrics.empty();
  return measured && a.kind == b.kind && a.side == b.side && a.round == b.round &&
         a.wall_s == b.wall_s && a.phases_s == b.phases_s && a.metrics == b.metrics &&
         std::equal(a.timings.begin(), a.timings.end(), b.timings.begin(), b.timings.end(),
                    same_statistics);
}

void append_processes(RunRecord& run, RunRecord part, const Plan& asked) {
  if (!(part.plan == asked))
    throw NoVerdict("the runner answered another plan than it was asked; is it of this build?");
  if (part.gpu && run.gpu && part.gpu->uuid != run.gpu->uuid)
    throw NoVerdict(fmt::format("the GPU changed between processes: {} ({}), then {} ({})",
                                run.gpu->name, run.gpu->uuid, part.gpu->name, part.gpu->uuid));
  if (!run.gpu) run.gpu = part.gpu;
  if (part.gpu && part.gpu->chip) run.gpu->chip = part.gpu->chip;
  for (ProcessRecord& process : part.processes) {
    drop_known(run, process, &ProcessRecord::kernels);
    drop_known(run, process, &ProcessRecord::checks);
    run.processes.push_back(std::move(process));
  }
}

}  // namespace perfgate
