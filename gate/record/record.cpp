// SPDX-License-Identifier: Apache-2.0
#include "gate/record/record.h"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

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
