#include "case_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "stats.h"

namespace perfgate {

namespace {

template <class List>
const auto* find_case(const List& list, std::string_view case_id) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const auto& entry) { return entry.case_id == case_id; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

CaseView view_case(const RunRecord& run, std::string_view case_id) {
  CaseView view;
  std::map<std::string, std::vector<double>> metrics;
  bool kernels_seen = false;
  for (const ProcessRecord& process : run.processes) {
    if (const auto* timing = find_case(process.timings, case_id))
      view.durations_s.push_back(timing->iq_mean_s);
    if (const auto* values = find_case(process.metrics, case_id))
      for (const auto& [id, value] : values->values) metrics[id].push_back(value);
    if (const auto* kernels = find_case(process.kernels, case_id)) {
      if (kernels_seen && kernels->launches != view.kernels) view.kernels_changed = true;
      if (!kernels_seen) view.kernels = kernels->launches;
      kernels_seen = true;
    }
    if (const auto* check = find_case(process.checks, case_id); check && !check->passed)
      view.failed_check = check;
    if (const auto* failure = find_case(process.failures, case_id); failure && !view.failure)
      view.failure = failure->why;
  }
  for (const auto& [id, values] : metrics) view.metrics[id] = median(values);
  return view;
}

std::optional<Sentinels> median_sentinels(const RunRecord& run) {
  std::vector<double> read, fma;
  for (const ProcessRecord& process : run.processes) {
    if (!process.sentinels) continue;
    read.push_back(process.sentinels->read_bytes_per_s);
    fma.push_back(process.sentinels->fma_flops);
  }
  if (read.empty()) return std::nullopt;
  return Sentinels{median(read), median(fma)};
}

std::optional<std::string> first_process_error(const RunRecord& run) {
  for (std::size_t i = 0; i < run.processes.size(); ++i)
    if (const ProcessRecord& process = run.processes[i]; process.error)
      return fmt::format("{} process {} of {}: {}", process_kind_id(process.kind), i + 1,
                         run.processes.size(), *process.error);
  return std::nullopt;
}

}  // namespace perfgate
