// SPDX-License-Identifier: Apache-2.0
// ncu measures single launches under its own conditions: the launches of one kernel with one grid
// and block are the samples of a case.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gate/exchange/launch_case.h"
#include "gate/exchange/ncu_table.h"
#include "gate/util/error.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr double ns = 1e-9;
/// The metric's name, and what ncu's details page calls it.
constexpr std::array<const char*, 2> duration_names{"gpu__time_duration.sum", "Duration"};

double duration_of(const NcuLaunch& launch, const ForeignFile& file) {
  for (const char* name : duration_names) {
    if (const auto found = launch.metrics.find(name); found != launch.metrics.end())
      return found->second * ns;
    if (const auto text = launch.texts.find(name); text != launch.texts.end())
      throw UsageError(fmt::format("{}: {}: {} is {}; export it with `--print-units base`",
                                   file.name, printable(launch.kernel), name,
                                   printable(text->second)));
  }
  throw UsageError(
      fmt::format("{}: {}: no {}: collect it with `--metrics {}` or a section that has "
                  "it (`--section SpeedOfLight`)",
                  file.name, printable(launch.kernel), duration_names[0], duration_names[0]));
}

/// The counters of a metric as far as the launch has all of them.
std::optional<KernelCounters> counters_of(const Metric& metric, const NcuLaunch& launch,
                                          double duration_s) {
  KernelCounters counters;
  counters.duration_s = duration_s;
  for (const std::vector<std::string>& names : metric.operands) {
    const auto name = std::find_if(names.begin(), names.end(), [&](const std::string& candidate) {
      return launch.metrics.contains(candidate);
    });
    if (name == names.end()) return std::nullopt;
    counters.operands.push_back(launch.metrics.at(*name));
  }
  return counters;
}

/// The launches of one case.
struct Launches {
  ImportedCase entry;
  std::map<std::string, std::vector<double>> metrics;
};

/// Returns a count of the device's as an integer, 0 where it cannot be one.
template <class Integer>
Integer count_in(double value) {
  return value >= 0 && value <= 1e9 ? static_cast<Integer>(value) : 0;
}

/// Returns the launch itself, where the file tells all of it.
std::vector<KernelLaunch> launch_of(const NcuLaunch& launch) {
  const auto registers = launch.metrics.find("launch__registers_per_thread"),
             shared = launch.metrics.find("launch__shared_mem_per_block");
  if (registers == launch.metrics.end() || shared == launch.metrics.end()) return {};
  return {{launch.kernel, launch.grid, launch.block, count_in<int>(registers->second),
           count_in<std::int64_t>(shared->second)}};
}

std::optional<GpuFingerprint> gpu_of(const NcuLaunch& launch) {
  const auto name = launch.texts.find("device__attribute_display_name");
  if (name == launch.texts.end()) return std::nullopt;
  GpuFingerprint gpu;
  gpu.name = name->second;
  gpu.compute_capability = launch.compute_capability;
  if (const auto sms = launch.metrics.find("device__attribute_multiprocessor_count");
      sms != launch.metrics.end())
    gpu.sm_count = count_in<int>(sms->second);
  if (const auto l2 = launch.metrics.find("device__attribute_l2_cache_size");
      l2 != launch.metrics.end())
    gpu.l2_bytes = count_in<std::int64_t>(l2->second);
  return gpu;
}

/// Boards of one model differ, so samples of several are no case.
void require_one_gpu(const std::vector<NcuLaunch>& table, const ForeignFile& file) {
  constexpr const char* device = "device__attribute_device_index";
  std::set<double> seen;
  for (const NcuLaunch& launch : table)
    if (const auto found = launch.metrics.find(device); found != launch.metrics.end())
      seen.insert(found->second);
  if (seen.size() > 1)
    throw UsageError(fmt::format("{}: launches of {} GPUs: take one by CUDA_VISIBLE_DEVICES",
                                 file.name, seen.size()));
}

}  // namespace

ImportedProcess read_ncu(const ForeignFile& file, const std::vector<Metric>& metrics) {
  const std::vector<NcuLaunch> table = read_ncu_table(file);
  std::set<std::string> kernels;
  for (const NcuLaunch& launch : table) kernels.insert(launch.kernel);
  const std::set<std::string> shared = shared_operators(kernels);
  std::vector<Launches> cases;
  std::map<std::string, std::size_t> index;
  ImportedProcess process;
  process.gpu = gpu_of(table.front());
  require_one_gpu(table, file);
  for (const NcuLaunch& launch : table) {
    Launches fresh{launch_case(launch.kernel, launch.grid, launch.block, shared), {}};
    const auto [known, is_new] =
        index.emplace(case_id(fresh.entry.group, fresh.entry.part), cases.size());
    if (is_new) {
      fresh.entry.statistic = "ncu's gpu__time_duration, interquartile mean of the launches";
      fresh.entry.launches = launch_of(launch);
      cases.push_back(std::move(fresh));
    }
    Launches& entry = cases[known->second];
    const double seconds = duration_of(launch, file);
    if (!is_duration(seconds))
      throw UsageError(
          fmt::format("{}: {}: a launch of {} s", file.name, printable(launch.kernel), seconds));
    entry.entry.samples_s.push_back(seconds);
    for (const Metric& metric : metrics)
      if (const auto counters = counters_of(metric, launch, seconds))
        if (const auto value = evaluate(metric, {*counters}))
          entry.metrics[metric.id].push_back(*value);
  }
  std::set<std::string> used;
  for (Launches& entry : cases) {
    for (const auto& [id, values] : entry.metrics) {
      entry.entry.metrics[id] = median(values);
      used.insert(id);
    }
    process.cases.push_back(std::move(entry.entry));
  }
  for (const Metric& metric : metrics)
    if (used.contains(metric.id)) process.metrics.push_back(metric);
  process.notes.emplace_back(
      "ncu fixes the clocks and empties the caches before each launch, unless it is told not to: "
      "compare only runs of the same options");
  return process;
}

}  // namespace perfgate
