// SPDX-License-Identifier: Apache-2.0
#include "gate/exchange/import_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gate/record/case_name.h"
#include "gate/record/samples.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

std::string id_of(const ImportedCase& entry) {
  return case_id(entry.group, entry.part);
}

void add_gpu(RunRecord& run, const std::vector<ForeignFile>& files,
             const std::vector<ImportedProcess>& processes) {
  const GpuFingerprint* known = nullptr;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (!processes[i].gpu) continue;
    if (known && known->name != processes[i].gpu->name)
      throw UsageError(
          fmt::format("{}: measured on a {}, the files before it on a {}: a run is of "
                      "one GPU",
                      files[i].name, processes[i].gpu->name, known->name));
    known = &*processes[i].gpu;
  }
  if (known) run.gpu = *known;
  if (!run.gpu) return;
  for (std::string* version : {&run.gpu->cuda, &run.gpu->cublas})
    if (version->empty()) *version = "unknown";
}

/// Refuses two names that became one id in two files: their samples would be those of one case.
void require_one_name(const std::vector<ForeignFile>& files,
                      const std::vector<ImportedProcess>& processes) {
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < processes.size(); ++i)
    for (const ImportedCase& entry : processes[i].cases)
      if (const auto known = names.emplace(id_of(entry), entry.name).first;
          known->second != entry.name)
        throw UsageError(fmt::format(
            "{}: '{}' here and '{}' elsewhere are one case, {}: rename one", files[i].name,
            printable(entry.name), printable(known->second), id_of(entry)));
}

/// Plans each case that some file measured or failed at, in the order of its first file.
void add_cases(Plan& plan, const std::vector<ImportedProcess>& processes,
               std::vector<std::string>& notes) {
  constexpr std::size_t most_named = 3;  // a sweep over types skips most of its states
  std::set<std::string> planned, skipped;
  for (const ImportedProcess& process : processes)
    for (const ImportedCase& entry : process.cases) {
      if (!entry.skipped.empty() || !planned.insert(id_of(entry)).second) continue;
      plan.cases.push_back({id_of(entry), entry.group, entry.part, entry.title, {}, entry.work, 0});
    }
  for (const ImportedProcess& process : processes)
    for (const ImportedCase& entry : process.cases)
      if (!entry.skipped.empty() && !planned.contains(id_of(entry)) &&
          skipped.insert(id_of(entry)).second && skipped.size() <= most_named)
        notes.push_back(
            fmt::format("{}: left out: the tool skipped it: {}", id_of(entry), entry.skipped));
  if (skipped.size() > most_named)
    notes.push_back(fmt::format("{} more were skipped and left out",
                                count_of(skipped.size() - most_named, "case")));
  // The cases of a group follow each other.
  std::vector<std::string> groups;
  for (const Case& entry : plan.cases)
    if (std::find(groups.begin(), groups.end(), entry.group) == groups.end())
      groups.push_back(entry.group);
  std::stable_sort(plan.cases.begin(), plan.cases.end(), [&](const Case& a, const Case& b) {
    return std::find(groups.begin(), groups.end(), a.group) <
           std::find(groups.begin(), groups.end(), b.group);
  });
}

/// A number of one kind is not compared with one of another.
void add_statistic(Source& source, const ImportedCase& entry, const std::string& file) {
  if (entry.samples_s.empty()) return;
  const auto [known, is_new] = source.settings.emplace(work_setting(entry.group), entry.statistic);
  if (!is_new && known->second != entry.statistic)
    throw UsageError(fmt::format("{}: {}: {} here, {} elsewhere: not comparable", file,
                                 id_of(entry), entry.statistic, known->second));
}

ProcessRecord timing_process(const ImportedProcess& imported) {
  ProcessRecord process;
  process.kind = ProcessKind::timing;
  for (const ImportedCase& entry : imported.cases) {
    const std::string id = id_of(entry);
    if (!entry.failure.empty()) {
      process.failures.push_back({id, entry.failure});
    } else if (!entry.samples_s.empty()) {
      process.timings.push_back(timing_of(id, {entry.samples_s}));
      if (!entry.launches.empty()) process.kernels.push_back({id, entry.launches});
    }
  }
  return process;
}

/// Adds what is missing in one file of the cases that others have.
void add_gaps(ProcessRecord& process, const ImportedProcess& imported, const Plan& plan,
              const std::string& file) {
  for (const Case& planned : plan.cases) {
    const auto has = [&](const auto& list) {
      return std::any_of(list.begin(), list.end(),
                         [&](const auto& entry) { return entry.case_id == planned.id; });
    };
    if (has(process.timings) || has(process.failures)) continue;
    const auto skipped =
        std::find_if(imported.cases.begin(), imported.cases.end(),
                     [&](const ImportedCase& entry) { return id_of(entry) == planned.id; });
    process.failures.push_back(
        {planned.id, skipped == imported.cases.end()
                         ? fmt::format("{} has no such case, other files have", file)
                         : fmt::format("skipped in {}: {}", file, skipped->skipped)});
  }
}

std::optional<ProcessRecord> counters_process(const ImportedProcess& imported) {
  ProcessRecord process;
  process.kind = ProcessKind::counters;
  for (const ImportedCase& entry : imported.cases)
    if (!entry.metrics.empty() && entry.failure.empty())
      process.metrics.push_back({id_of(entry), entry.metrics});
  if (process.metrics.empty()) return std::nullopt;
  return process;
}

void require_own_files(const std::vector<ForeignFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (files[i].text == files[k].text)
        throw UsageError(
            fmt::format("{} and {} are the same: each file must be of a process of its own",
                        files[k].name, files[i].name));
}

/// A run's source has a setting for each group of cases, and a reader of the run takes so many.
constexpr std::size_t most_groups = 1500;

void require_distinct(const ImportedProcess& process, const std::string& file) {
  std::set<std::string> ids;
  for (const ImportedCase& entry : process.cases)
    if (!ids.insert(id_of(entry)).second)
      throw UsageError(fmt::format("{}: the case {} stands twice", file, id_of(entry)));
  for (const std::string& id : ids)
    if (id.size() > longest_case_id)
      throw UsageError(fmt::format("{}: the name of {}... is {} bytes long, {} are the most", file,
                                   clipped(id, 60), id.size(), longest_case_id));
}

}  // namespace

std::string import_source_id(std::string_view tool) {
  return fmt::format("{}{}", import_source_prefix, tool);
}

std::vector<std::string> plan_imported(Plan& plan, Source source,
                                       const std::vector<ForeignFile>& files,
                                       const std::vector<ImportedProcess>& processes) {
  std::vector<std::string> notes;
  require_one_name(files, processes);
  add_cases(plan, processes, notes);
  if (plan.cases.empty())
    throw UsageError(fmt::format("{}: no case in {}: nothing was measured", source.id,
                                 files.size() == 1 ? files.front().name : "any of the files"));
  for (std::size_t i = 0; i < processes.size(); ++i) {
    require_distinct(processes[i], files[i].name);
    for (const ImportedCase& entry : processes[i].cases)
      add_statistic(source, entry, files[i].name);
    if (source.settings.size() > most_groups)
      throw UsageError(
          fmt::format("{}: {} groups of cases, {} are the most of a run: import fewer "
                      "benchmarks at a time",
                      files[i].name, source.settings.size(), most_groups));
    for (const Metric& metric : processes[i].metrics)
      if (std::find(plan.metrics.begin(), plan.metrics.end(), metric) == plan.metrics.end())
        plan.metrics.push_back(metric);
    for (const std::string& note : processes[i].notes)
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
  }
  plan.sources = {std::move(source)};
  plan.samples = 1;
  return notes;
}

std::vector<ProcessRecord> imported_processes(const ImportedProcess& imported, const Plan& plan,
                                              const std::string& file) {
  require_distinct(imported, file);
  std::vector<ProcessRecord> processes{timing_process(imported)};
  add_gaps(processes.front(), imported, plan, file);
  if (auto counters = counters_process(imported)) processes.push_back(std::move(*counters));
  return processes;
}

std::vector<std::string> add_imported(RunRecord& run, std::string_view tool,
                                      const std::vector<ForeignFile>& files,
                                      const std::vector<ImportedProcess>& processes) {
  require_own_files(files);
  add_gpu(run, files, processes);
  std::vector<std::string> notes =
      plan_imported(run.plan, {import_source_id(tool), Json{{"tool", tool}}, {}}, files, processes);
  for (std::size_t i = 0; i < processes.size(); ++i)
    for (ProcessRecord& process : imported_processes(processes[i], run.plan, files[i].name))
      run.processes.push_back(std::move(process));
  return notes;
}

}  // namespace perfgate
