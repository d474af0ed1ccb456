// SPDX-License-Identifier: Apache-2.0
// nsys' SQLite export, schema 3. Its tables are absent when they would be empty. A case is a kernel
// with its grid and block, whose launches are the samples, or a push/pop range of NVTX, whose
// occurrences are: what a range's thread launched while it was open, found by correlation ids.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "gate/exchange/launch_case.h"
#include "gate/exchange/sqlite_file.h"
#include "gate/program/program_measurement.h"
#include "gate/program/range_name.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr double nsys_tick_s = 1e-9;
/// nsys may rename columns in a minor version, which is seen where they are asked for.
constexpr std::string_view known_schema = "3.";
/// ENUM_NSYS_EVENT_TYPE's NvtxPushPopRange.
constexpr int push_pop_range = 59;
constexpr const char* kernels_table = "CUPTI_ACTIVITY_KIND_KERNEL";
constexpr const char* graphs_table = "CUPTI_ACTIVITY_KIND_GRAPH_TRACE";
constexpr const char* calls_table = "CUPTI_ACTIVITY_KIND_RUNTIME";
constexpr const char* ranges_table = "NVTX_EVENTS";

/// What ran on the GPU: a kernel, or a CUDA graph that was traced as one.
struct Execution {
  std::int64_t start = 0, end = 0;  ///< ns
  std::int64_t device = 0;
  KernelLaunch launch;
  bool graph = false, in_graph = false;
  std::int64_t process = 0, correlation = 0;
};

struct ThreadRange {
  std::int64_t start = 0, end = 0;
  std::string name;
};

/// The calls that launched something, by their times.
using ThreadLaunches = std::multimap<std::int64_t, std::size_t>;

/// Returns whether the table is there. Throws UsageError when it lacks one of these columns.
bool has_table(const SqliteFile& database, const ForeignFile& file, const char* table,
               const std::vector<const char*>& wanted) {
  const std::vector<std::string> there = database.columns(table);
  if (there.empty()) return false;
  for (const char* column : wanted)
    if (std::find(there.begin(), there.end(), column) == there.end())
      throw UsageError(
          fmt::format("{}: {} has no column {}: nsys renamed it, and this perfgate "
                      "does not know its new name",
                      file.name, table, column));
  return true;
}

void require_export_schema(const SqliteFile& database, const ForeignFile& file) {
  if (!has_table(database, file, "META_DATA_EXPORT", {"name", "value"}))
    throw UsageError(fmt::format(
        "{}: no table META_DATA_EXPORT: not what `nsys export --type sqlite` writes", file.name));
  std::string version = "none";
  database.each("SELECT value FROM META_DATA_EXPORT WHERE name = 'EXPORT_SCHEMA_VERSION'",
                [&](const SqliteRow& row) { version = row.text(0); });
  if (!version.starts_with(known_schema))
    throw UsageError(
        fmt::format("{}: version {} of nsys' export; only {}x is known: export the "
                    "report again with another nsys",
                    file.name, printable(version), known_schema));
}

void require_duration(const Execution& execution, const ForeignFile& file) {
  const std::int64_t most = INT64_MAX / 2;
  const bool ordered =
      execution.start >= 0 && execution.end <= most && execution.end > execution.start;
  if (!ordered || !is_duration(static_cast<double>(execution.end - execution.start) * nsys_tick_s))
    throw UsageError(fmt::format("{}: {}: a launch from {} to {} ns", file.name,
                                 printable(execution.launch.name), execution.start, execution.end));
}

/// Reads the columns that kernels and graphs have alike, which come first.
Execution execution_of(const SqliteRow& row) {
  Execution one;
  one.start = row.integer(0);
  one.end = row.integer(1);
  one.device = row.integer(2);
  one.correlation = row.optional_integer(3).value_or(0);
  one.process = row.optional_integer(4).value_or(0);
  return one;
}

std::vector<Execution> read_kernels(const SqliteFile& database, const ForeignFile& file) {
  std::vector<Execution> kernels;
  if (!has_table(database, file, kernels_table,
                 {"start", "end", "deviceId", "correlationId", "globalPid", "demangledName",
                  "registersPerThread", "gridX", "gridY", "gridZ", "blockX", "blockY", "blockZ",
                  "staticSharedMemory", "dynamicSharedMemory", "graphNodeId"}) ||
      !has_table(database, file, "StringIds", {"id", "value"}))
    return kernels;
  const auto small = [](std::int64_t value) {
    return static_cast<int>(std::clamp<std::int64_t>(value, 0, INT32_MAX));
  };
  database.each(
      R"(SELECT k.start, k."end", k.deviceId, k.correlationId, k.globalPid >> 24, s.value,
           k.registersPerThread, k.staticSharedMemory + k.dynamicSharedMemory, k.graphNodeId,
           k.gridX, k.gridY, k.gridZ, k.blockX, k.blockY, k.blockZ
         FROM CUPTI_ACTIVITY_KIND_KERNEL AS k LEFT JOIN StringIds AS s ON s.id = k.demangledName
         ORDER BY k.start)",
      [&](const SqliteRow& row) {
        Execution kernel = execution_of(row);
        kernel.launch.name = row.text(5);
        kernel.launch.registers = small(row.integer(6));
        kernel.launch.shared_bytes = row.integer(7);
        kernel.in_graph = row.optional_integer(8).value_or(0) != 0;
        for (int i = 0; i < 3; ++i) {
          kernel.launch.grid[static_cast<std::size_t>(i)] = small(row.integer(9 + i));
          kernel.launch.block[static_cast<std::size_t>(i)] = small(row.integer(12 + i));
        }
        require_duration(kernel, file);
        kernels.push_back(std::move(kernel));
      });
  return kernels;
}

std::vector<Execution> read_graphs(const SqliteFile& database, const ForeignFile& file) {
  std::vector<Execution> graphs;
  if (!has_table(database, file, graphs_table,
                 {"start", "end", "deviceId", "correlationId", "globalPid"}))
    return graphs;
  database.each(
      R"(SELECT start, "end", deviceId, correlationId, globalPid >> 24
         FROM CUPTI_ACTIVITY_KIND_GRAPH_TRACE ORDER BY start)",
      [&](const SqliteRow& row) {
        Execution graph = execution_of(row);
        graph.launch.name = "CUDA graph";
        graph.graph = true;
        require_duration(graph, file);
        graphs.push_back(std::move(graph));
      });
  return graphs;
}

/// Boards of one model differ, so samples of several are no case.
std::int64_t device_of(const std::vector<Execution>& executions, const ForeignFile& file) {
  std::set<std::int64_t> devices;
  for (const Execution& execution : executions) devices.insert(execution.device);
  if (devices.empty())
    throw UsageError(fmt::format(
        "{}: no kernel in it: profile the program with `nsys profile --trace=cuda,nvtx`",
        file.name));
  if (devices.size() > 1)
    throw UsageError(fmt::format("{}: kernels of {} GPUs: take one by CUDA_VISIBLE_DEVICES",
                                 file.name, devices.size()));
  return *devices.begin();
}

std::optional<GpuFingerprint> read_traced_gpu(const SqliteFile& database, const ForeignFile& file,
                                              std::int64_t device) {
  if (!has_table(database, file, "TARGET_INFO_GPU",
                 {"id", "cuDevice", "name", "smCount", "l2CacheSize", "totalMemory", "computeMajor",
                  "computeMinor"}))
    return std::nullopt;
  std::optional<GpuFingerprint> gpu;
  // CUDA numbers the GPUs that the program saw, nsys all that there are.
  database.each(
      fmt::format("SELECT name, smCount, l2CacheSize, totalMemory, computeMajor, computeMinor "
                  "FROM TARGET_INFO_GPU WHERE name IS NOT NULL "
                  "ORDER BY cuDevice IS {0} DESC, id IS {0} DESC LIMIT 1",
                  device),
      [&](const SqliteRow& row) {
        gpu.emplace();
        gpu->name = row.text(0);
        gpu->sm_count = static_cast<int>(
            std::clamp<std::int64_t>(row.optional_integer(1).value_or(0), 0, 1 << 20));
        gpu->l2_bytes = std::max<std::int64_t>(0, row.optional_integer(2).value_or(0));
        gpu->memory_bytes = std::max<std::int64_t>(0, row.optional_integer(3).value_or(0));
        const auto major = row.optional_integer(4), minor = row.optional_integer(5);
        if (major && minor) gpu->compute_capability = fmt::format("{}.{}", *major, *minor);
      });
  return gpu;
}

std::vector<ImportedCase> kernel_cases(const std::vector<Execution>& kernels) {
  std::set<std::string> names;
  for (const Execution& kernel : kernels) names.insert(kernel.launch.name);
  const std::set<std::string> shared = shared_operators(names);
  using Key = std::pair<std::string, std::pair<std::array<int, 3>, std::array<int, 3>>>;
  std::map<Key, std::size_t> index;  // names are long to make, and launches are many
  std::map<std::string, std::size_t> index_by_id;
  std::vector<ImportedCase> cases;
  for (const Execution& kernel : kernels) {
    const KernelLaunch& launch = kernel.launch;
    const auto [known, is_new] =
        index.emplace(Key{launch.name, {launch.grid, launch.block}}, cases.size());
    if (is_new) {
      ImportedCase entry = launch_case(launch.name, launch.grid, launch.block, shared);
      entry.statistic = "nsys' time of a kernel, interquartile mean of the launches";
      entry.launches = {launch};
      known->second =
          index_by_id.emplace(case_id(entry.group, entry.part), cases.size()).first->second;
      if (known->second == cases.size()) cases.push_back(std::move(entry));
    }
    cases[known->second].samples_s.push_back(static_cast<double>(kernel.end - kernel.start) *
                                             nsys_tick_s);
  }
  return cases;
}

/// Returns the push/pop ranges of each thread, the outer ones first.
std::map<std::int64_t, std::vector<ThreadRange>> read_ranges(const SqliteFile& database,
                                                             const ForeignFile& file) {
  std::map<std::int64_t, std::vector<ThreadRange>> threads;
  if (!has_table(database, file, ranges_table,
                 {"start", "end", "eventType", "text", "textId", "globalTid"}) ||
      !has_table(database, file, "StringIds", {"id", "value"}))
    return threads;
  database.each(fmt::format(
                    R"(SELECT n.start, n."end", n.globalTid, coalesce(n.text, s.value)
         FROM NVTX_EVENTS AS n LEFT JOIN StringIds AS s ON s.id = n.textId
         WHERE n.eventType = {} AND n."end" IS NOT NULL AND n.globalTid IS NOT NULL
           AND coalesce(n.text, s.value) IS NOT NULL
         ORDER BY n.start, n."end" DESC)",
                    push_pop_range),
                [&](const SqliteRow& row) {
                  threads[row.integer(2)].push_back({row.integer(0), row.integer(1), row.text(3)});
                });
  return threads;
}

/// Returns, for each thread, when it launched which of the executions.
std::map<std::int64_t, ThreadLaunches> read_launches(const SqliteFile& database,
                                                     const ForeignFile& file,
                                                     const std::vector<Execution>& executions) {
  std::map<std::int64_t, ThreadLaunches> threads;
  if (!has_table(database, file, calls_table, {"start", "globalTid", "correlationId"}))
    return threads;
  std::multimap<std::pair<std::int64_t, std::int64_t>, std::size_t> wanted;
  for (std::size_t i = 0; i < executions.size(); ++i)
    wanted.emplace(std::pair{executions[i].process, executions[i].correlation}, i);
  database.each(
      R"(SELECT start, globalTid, globalTid >> 24, correlationId FROM CUPTI_ACTIVITY_KIND_RUNTIME
         WHERE globalTid IS NOT NULL AND correlationId IS NOT NULL)",
      [&](const SqliteRow& row) {
        const auto [begin, end] = wanted.equal_range({row.integer(2), row.integer(3)});
        for (auto entry = begin; entry != end; ++entry)
          threads[row.integer(1)].emplace(row.integer(0), entry->second);
      });
  return threads;
}

/// What all occurrences of the ranges of one template launched.
struct RangeGroup {
  Observation seen;
  std::map<std::string, std::size_t> names;
};

std::size_t name_index(std::map<std::string, std::size_t>& index, std::vector<std::string>& names,
                       const std::string& name) {
  const auto [known, is_new] = index.emplace(name, names.size());
  if (is_new) names.push_back(name);
  return known->second;
}

std::size_t launch_index(Observation& seen, const Execution& execution) {
  for (std::size_t i = 0; i < seen.launches.size(); ++i)
    if (seen.launches[i] == execution.launch && seen.in_graph[i] == execution.in_graph) return i;
  seen.launches.push_back(execution.launch);
  seen.graphs.push_back(execution.graph);
  seen.in_graph.push_back(execution.in_graph);
  return seen.launches.size() - 1;
}

/// A range with the executions that its thread launched while it was open.
struct FilledRange {
  const ThreadRange* range;
  std::vector<std::size_t> executions;
};

/// Returns the ranges of one thread that launched something, in the order of their starts.
std::vector<FilledRange> filled(const std::vector<ThreadRange>& ranges,
                                const ThreadLaunches& launches) {
  std::vector<FilledRange> all, open;
  std::size_t next = 0;
  std::vector<std::size_t> active;
  for (const ThreadRange& range : ranges) all.push_back({&range, {}});
  for (const auto& launch : launches) {
    const std::int64_t time = launch.first;
    for (; next < all.size() && all[next].range->start <= time; ++next) active.push_back(next);
    std::erase_if(active, [&](std::size_t i) { return all[i].range->end < time; });
    for (const std::size_t i : active) all[i].executions.push_back(launch.second);
  }
  for (FilledRange& entry : all)
    if (!entry.executions.empty()) open.push_back(std::move(entry));
  return open;
}

/// Adds the case of one group of ranges, by the rules of a program's ranges.
void add_range_case(const RangeGroup& group, ImportedProcess& process) {
  ProgramSpec spec;
  spec.name = "nvtx";
  spec.skip = 0;
  spec.occurrences = static_cast<int>(group.seen.occurrences.size());
  const std::vector<ProgramRange> ranges = ranges_of(spec, {group.seen});
  const ProcessRecord measured = timing_process(spec, ranges, {group.seen});
  for (const ProgramRange& range : ranges) {
    ImportedCase entry;
    entry.group = range.group;
    entry.part = range_part;
    entry.title = cases_of({range}, 0).back().title;
    entry.statistic = fmt::format("nsys: {}, interquartile mean of the occurrences", entry.title);
    entry.launches = range.launches;
    const std::string id = case_id(entry.group, entry.part);
    for (const Timing& timing : measured.timings)
      if (timing.case_id == id) entry.samples_s = timing.samples_s;
    for (const CaseFailure& failure : measured.failures)
      if (failure.case_id == id) entry.failure = failure.why;
    if (entry.failure.empty() && !range.doubt.empty()) process.notes.push_back(range.doubt);
    process.cases.push_back(std::move(entry));
  }
}

void add_range_cases(const SqliteFile& database, const ForeignFile& file,
                     const std::vector<Execution>& executions, ImportedProcess& process) {
  const auto threads = read_ranges(database, file);
  if (threads.empty()) return;
  const auto launches = read_launches(database, file, executions);
  std::vector<FilledRange> all;
  for (const auto& [thread, ranges] : threads)
    if (const auto found = launches.find(thread); found != launches.end())
      for (FilledRange& entry : filled(ranges, found->second)) all.push_back(std::move(entry));
  std::stable_sort(all.begin(), all.end(), [](const FilledRange& a, const FilledRange& b) {
    return a.range->start < b.range->start;
  });
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const FilledRange& entry : all)
    if (seen.insert(entry.range->name).second) names.push_back(entry.range->name);
  const std::map<std::string, std::string> templates = range_templates(names);
  std::vector<RangeGroup> groups;
  std::map<std::string, std::size_t> index;
  for (const FilledRange& entry : all) {
    const auto [known, is_new] = index.emplace(templates.at(entry.range->name), groups.size());
    if (is_new) groups.emplace_back();
    RangeGroup& group = groups[known->second];
    Occurrence occurrence;
    occurrence.name = name_index(group.names, group.seen.names, entry.range->name);
    for (const std::size_t i : entry.executions) {
      occurrence.launches.push_back(launch_index(group.seen, executions[i]));
      occurrence.start_ns.push_back(executions[i].start);
      occurrence.end_ns.push_back(executions[i].end);
    }
    group.seen.occurrences.push_back(std::move(occurrence));
  }
  for (const RangeGroup& group : groups) add_range_case(group, process);
}

/// What nsys itself warns of: lost records among it.
void add_warnings(const SqliteFile& database, const ForeignFile& file, ImportedProcess& process) {
  constexpr int information = 1;
  constexpr std::size_t most = 3;
  if (!has_table(database, file, "DIAGNOSTIC_EVENT", {"severity", "text"})) return;
  database.each(fmt::format("SELECT DISTINCT text FROM DIAGNOSTIC_EVENT WHERE severity > {} "
                            "AND text IS NOT NULL LIMIT {}",
                            information, most),
                [&](const SqliteRow& row) {
                  process.notes.push_back("nsys: " + clipped(one_line(row.text(0)), 200));
                });
}

}  // namespace

ImportedProcess read_nsys(const ForeignFile& file, const std::vector<Metric>&) {
  const SqliteFile database(file.text, file.name);
  require_export_schema(database, file);
  std::vector<Execution> executions = read_kernels(database, file);
  ImportedProcess process;
  process.cases = kernel_cases(executions);
  for (Execution& graph : read_graphs(database, file)) executions.push_back(std::move(graph));
  process.gpu = read_traced_gpu(database, file, device_of(executions, file));
  add_range_cases(database, file, executions, process);
  add_warnings(database, file, process);
  if (process.cases.empty())
    throw UsageError(
        fmt::format("{}: CUDA graphs alone, and none in a push/pop range of NVTX: profile with "
                    "`--cuda-graph-trace=node`, which lists their kernels",
                    file.name));
  return process;
}

}  // namespace perfgate
