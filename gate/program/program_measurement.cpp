// SPDX-License-Identifier: Apache-2.0
#include "gate/program/program_measurement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "gate/program/case_text.h"
#include "gate/program/kernel_filter.h"
#include "gate/program/kernel_name.h"
#include "gate/program/occurrence_timeline.h"
#include "gate/program/occurrences.h"
#include "gate/program/range_name.h"
#include "gate/record/samples.h"
#include "gate/util/fnv1a.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr double ns = 1e-9;
/// Kernels of one stream may overlap a little at their ends (programmatic launches), which differs
/// from start to start. Below this share of the range's time they are still kernels of their own.
constexpr double most_overlap = 0.02;

/// The GPU time of one occurrence.
struct GpuTime {
  double busy_s = 0;  ///< some kernel of it runs
  double span_s = 0;  ///< from its first kernel's start to the last one's end
  double sum_s = 0;   ///< of all its kernels
};

GpuTime gpu_time(const Occurrence& occurrence) {
  std::vector<std::size_t> order(occurrence.start_ns.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return occurrence.start_ns[a] < occurrence.start_ns[b];
  });
  GpuTime time;
  std::int64_t covered_to = order.empty() ? 0 : occurrence.start_ns[order.front()];
  const std::int64_t begin = covered_to;
  for (const std::size_t i : order) {
    const std::int64_t start = occurrence.start_ns[i], end = occurrence.end_ns[i];
    time.sum_s += static_cast<double>(end - start) * ns;
    time.busy_s +=
        static_cast<double>(std::max<std::int64_t>(0, end - std::max(start, covered_to))) * ns;
    covered_to = std::max(covered_to, end);
  }
  time.span_s = static_cast<double>(covered_to - begin) * ns;
  return time;
}

/// What an occurrence launched, as one number: equal launches in equal order have equal ones.
std::uint64_t signature(const Observation& process, const Occurrence& occurrence) {
  std::string text;
  for (const std::size_t index : occurrence.launches) {
    const KernelLaunch& launch = process.launches[index];
    text += fmt::format("{}|{}|{}|{}\n", launch.name, fmt::join(launch.grid, ","),
                        fmt::join(launch.block, ","), launch.shared_bytes);
  }
  return fnv1a_64(text);
}

/// The occurrences of one range in one process, and which of them are used.
struct RangeOccurrences {
  std::vector<const Occurrence*> all;
  OccurrenceChoice choice;
};

RangeOccurrences occurrences_of(const Observation& process, const std::set<std::string>& names,
                                const ProgramSpec& spec, const std::string& title) {
  RangeOccurrences out;
  std::vector<std::uint64_t> signatures;
  for (const Occurrence& occurrence : process.occurrences) {
    if (!names.contains(process.names[occurrence.name])) continue;
    out.all.push_back(&occurrence);
    signatures.push_back(signature(process, occurrence));
  }
  // The warm-up is left out already, except of graphs that were launched outside of ranges; the
  // whole process has none.
  const bool captured = !out.all.empty() && out.all.front()->captured;
  const bool whole = spec.source == RangeSource::all;
  const std::size_t warm_up = whole ? 0 : static_cast<std::size_t>(spec.skip);
  const std::size_t wanted = whole ? 1 : static_cast<std::size_t>(spec.occurrences);
  out.choice =
      choose_occurrences(title, signatures, captured ? warm_up : 0, wanted, captured ? 0 : warm_up);
  return out;
}

bool has_ranges(const Observation& process) {
  return !process.occurrences.empty() || !process.counted.empty();
}

/// Returns the processes in which ranges were seen.
std::vector<const Observation*> measured(const std::vector<Observation>& processes) {
  std::vector<const Observation*> out;
  for (const Observation& process : processes)
    if (has_ranges(process)) out.push_back(&process);
  return out;
}

/// A kernel's filter makes each of its launches an occurrence, named after its operator.
std::vector<Observation> by_kernel(const ProgramSpec& spec,
                                   const std::vector<Observation>& processes) {
  if (spec.source != RangeSource::kernel) return processes;
  std::vector<Observation> out = processes;
  std::vector<KernelFilter> filters;
  for (const std::string& text : spec.kernels) filters.push_back(parse_kernel_filter(text));
  for (Observation& process : out) {
    const std::vector<Occurrence> whole = std::move(process.occurrences);
    process.occurrences.clear();
    process.names.clear();
    std::map<std::size_t, std::size_t> name_of;  // by launch
    std::map<std::size_t, std::size_t> seen;
    for (std::size_t i = 0; i < process.launches.size(); ++i) {
      const std::string& name = process.launches[i].name;
      if (std::none_of(filters.begin(), filters.end(),
                       [&](const KernelFilter& filter) { return matches(filter, name, name); }))
        continue;
      name_of[i] = process.names.size();
      process.names.push_back(operator_name(name));
    }
    for (const Occurrence& all : whole)
      for (std::size_t k = 0; k < all.launches.size(); ++k) {
        const auto name = name_of.find(all.launches[k]);
        if (name == name_of.end()) continue;
        const std::size_t number = seen[name->first]++;
        const auto skip = static_cast<std::size_t>(spec.skip);
        if (number < skip || number >= skip + static_cast<std::size_t>(spec.occurrences)) continue;
        process.occurrences.push_back(
            {name->second, false, {all.launches[k]}, {all.start_ns[k]}, {all.end_ns[k]}});
      }
  }
  return out;
}

/// Each name with that of its case: of ranges, numbers that vary become {n}; a kernel's are its
/// own.
std::map<std::string, std::string> identities(const ProgramSpec& spec,
                                              const std::vector<std::string>& names) {
  if (spec.source != RangeSource::kernel) return range_templates(names);
  std::map<std::string, std::string> out;
  for (const std::string& name : names) out[name] = case_text(name, longest_range_template);
  return out;
}

std::string group_of(const ProgramSpec& spec, const std::string& rank, const std::string& range) {
  const std::string program = rank.empty() ? spec.name : fmt::format("{}@{}", spec.name, rank);
  return fmt::format("{}/{}", program, range);
}

std::string rank_of(const Observation& process, std::size_t index, std::size_t count) {
  if (count < 2) return "";
  return process.rank.empty() ? fmt::format("process{}", index) : "rank" + process.rank;
}

const Observation* process_of(const ProgramRange& range,
                              const std::vector<const Observation*>& processes) {
  for (std::size_t i = 0; i < processes.size(); ++i)
    if (rank_of(*processes[i], i, processes.size()) == range.rank) return processes[i];
  return nullptr;
}

double median_of(const std::vector<GpuTime>& times, double GpuTime::*field) {
  std::vector<double> values;
  for (const GpuTime& time : times) values.push_back(time.*field);
  return values.empty() ? 0 : median(values);
}

void describe(ProgramRange& range, const Observation& process, const RangeOccurrences& found) {
  const auto& used = found.choice.used;
  range.occurrences = found.all.size();
  range.alike = used.size();
  range.doubt = found.choice.text;
  if (found.all.empty()) return;
  const Occurrence& first = *found.all[used.empty() ? 0 : used.front()];
  std::vector<std::string> operators;
  range.graph = range.captured = first.captured;
  for (const std::size_t index : first.launches) {
    range.launches.push_back(process.launches[index]);
    operators.push_back(operator_name(process.launches[index].name));
    range.graph = range.graph || process.graphs[index] || process.in_graph[index];
  }
  std::vector<GpuTime> times;
  for (const std::size_t index : used) times.push_back(gpu_time(*found.all[index]));
  range.busy_s = median_of(times, &GpuTime::busy_s);
  range.span_s = median_of(times, &GpuTime::span_s);
  range.sum_s = median_of(times, &GpuTime::sum_s);
  range.overlaps = range.sum_s > range.busy_s * (1 + most_overlap);
  const std::vector<std::string> parts = launch_parts(operators);
  if (!range.graph && !range.overlaps && operators.size() > 1) range.parts = parts;
  std::vector<const Occurrence*> alike;
  for (const std::size_t index : used) alike.push_back(found.all[index]);
  if (alike.empty() || operators.empty()) return;
  range.timeline = typical_occurrence(process, alike, parts, range_part);
  range.timeline.group = range.group;
  range.timeline.launching = range.graph ? Launching::graph : Launching::calls;
}

/// Whether other kernels were counted than belong to the range: also those of a measured range
/// inside it.
bool holds_others(const ProgramRange& range, const CountedRange& counted) {
  if (counted.kernels.empty()) return false;
  return !std::equal(counted.operators.begin(), counted.operators.end(), range.launches.begin(),
                     range.launches.end(), [](const std::string& name, const KernelLaunch& launch) {
                       return operator_name(name) == operator_name(launch.name);
                     });
}

}  // namespace

std::vector<ProgramRange> ranges_of(const ProgramSpec& spec,
                                    const std::vector<Observation>& given) {
  const std::vector<Observation> observed = by_kernel(spec, given);
  const std::vector<const Observation*> processes = measured(observed);
  std::vector<ProgramRange> ranges;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const Observation& process = *processes[i];
    std::vector<std::string> names;  // in the order of their first occurrence
    for (const Occurrence& occurrence : process.occurrences)
      if (std::find(names.begin(), names.end(), process.names[occurrence.name]) == names.end())
        names.push_back(process.names[occurrence.name]);
    const std::map<std::string, std::string> templates = identities(spec, names);
    for (const std::string& name : names) {
      const std::string rank = rank_of(process, i, processes.size());
      const std::string group = group_of(spec, rank, templates.at(name));
      const auto known = std::find_if(ranges.begin(), ranges.end(), [&](const ProgramRange& range) {
        return range.group == group;
      });
      if (known != ranges.end()) {
        known->names.push_back(name);
        continue;
      }
      ProgramRange& range = ranges.emplace_back();
      range.group = group;
      range.rank = rank;
      range.names = {name};
    }
  }
  for (ProgramRange& range : ranges) {
    const Observation& process = *process_of(range, processes);
    describe(range, process,
             occurrences_of(process, {range.names.begin(), range.names.end()}, spec, range.group));
  }
  return ranges;
}

std::vector<Case> cases_of(const std::vector<ProgramRange>& ranges, std::size_t source) {
  std::vector<Case> cases;
  for (const ProgramRange& range : ranges) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < range.parts.size(); ++i) {
      Case kernel;
      kernel.group = range.group;
      kernel.part = range.parts[i];
      kernel.id = case_id(kernel.group, kernel.part);
      kernel.title = clipped(printable(range.launches[i].name), 200);
      kernel.source = source;
      parts.push_back(kernel.id);
      cases.push_back(std::move(kernel));
    }
    Case whole;
    whole.group = range.group;
    whole.part = range_part;
    whole.id = case_id(whole.group, whole.part);
    whole.title = range.graph ? "from the first kernel's start to the last one's end"
                              : "time in which any of the range's kernels runs";
    whole.whole_of = std::move(parts);
    whole.source = source;
    cases.push_back(std::move(whole));
  }
  return cases;
}

ProcessRecord timing_process(const ProgramSpec& spec, const std::vector<ProgramRange>& ranges,
                             const std::vector<Observation>& given) {
  const std::vector<Observation> observed = by_kernel(spec, given);
  const std::vector<const Observation*> processes = measured(observed);
  ProcessRecord out;
  out.kind = ProcessKind::timing;
  for (const ProgramRange& range : ranges) {
    const std::string whole = case_id(range.group, range_part);
    const auto fail = [&](const std::string& why) {
      out.failures.push_back({whole, why});
      for (const std::string& part : range.parts)
        out.failures.push_back({case_id(range.group, part), why});
    };
    const Observation* process = process_of(range, processes);
    if (process == nullptr) {
      fail("no process of this start of the program has the range");
      continue;
    }
    // Other names than at the first look may occur, when the program runs to another step.
    std::set<std::string> names(range.names.begin(), range.names.end());
    std::vector<std::string> all = range.names;
    all.insert(all.end(), process->names.begin(), process->names.end());
    const auto templates = identities(spec, all);
    for (const std::string& name : process->names)
      if (group_of(spec, range.rank, templates.at(name)) == range.group) names.insert(name);
    const RangeOccurrences found = occurrences_of(*process, names, spec, range.group);
    if (found.choice.used.empty()) {
      fail(found.choice.text);
      continue;
    }
    std::vector<double> range_s;
    std::vector<std::vector<double>> kernel_s(range.parts.size());
    const Occurrence& first = *found.all[found.choice.used.front()];
    for (const std::size_t index : found.choice.used) {
      const Occurrence& occurrence = *found.all[index];
      const GpuTime time = gpu_time(occurrence);
      range_s.push_back(range.graph ? time.span_s : time.busy_s);
      for (std::size_t k = 0; k < std::min(kernel_s.size(), occurrence.launches.size()); ++k)
        kernel_s[k].push_back(static_cast<double>(occurrence.end_ns[k] - occurrence.start_ns[k]) *
                              ns);
    }
    std::vector<KernelLaunch> launches;
    for (const std::size_t index : first.launches) launches.push_back(process->launches[index]);
    const bool same_parts = launches.size() == range.launches.size();
    for (std::size_t k = 0; k < range.parts.size(); ++k) {
      const std::string id = case_id(range.group, range.parts[k]);
      if (!same_parts) {
        out.failures.push_back({id, fmt::format("the range launched {} kernels here, {} at the "
                                                "first look",
                                                launches.size(), range.launches.size())});
        continue;
      }
      out.kernels.push_back({id, {launches[k]}});
      out.timings.push_back(timing_of(id, {kernel_s[k]}));
    }
    out.kernels.push_back({whole, launches});
    out.timings.push_back(timing_of(whole, {range_s}));
  }
  return out;
}

ProcessRecord counters_process(const ProgramSpec& spec, const std::vector<ProgramRange>& ranges,
                               const std::vector<Observation>& given) {
  const std::vector<const Observation*> processes = measured(given);
  ProcessRecord out;
  out.kind = ProcessKind::counters;
  for (const Observation* process : processes) {
    out.absent.insert(out.absent.end(), process->absent.begin(), process->absent.end());
    for (const CountedRange& counted : process->counted) {
      const std::string& name = process->names[counted.name];
      const auto range = std::find_if(ranges.begin(), ranges.end(), [&](const ProgramRange& entry) {
        std::vector<std::string> all = entry.names;
        all.push_back(name);
        const auto templates = identities(spec, all);
        return group_of(spec, entry.rank, templates.at(name)) == entry.group;
      });
      if (range == ranges.end()) continue;
      if (holds_others(*range, counted)) {
        out.absent.push_back({fmt::format("counters of {}", range->group),
                              "what was counted launched other kernels than what was timed; where "
                              "ranges inside it are measured, too, measure it alone"});
        continue;
      }
      out.passes = std::max(out.passes.value_or(0), counted.passes);
      if (counted.whole) {
        out.metrics.push_back(*counted.whole);
        out.metrics.back().case_id = case_id(range->group, range_part);
      }
      if (counted.kernels.size() != range->parts.size()) continue;
      for (std::size_t k = 0; k < counted.kernels.size(); ++k) {
        out.metrics.push_back(counted.kernels[k]);
        out.metrics.back().case_id = case_id(range->group, range->parts[k]);
      }
    }
  }
  for (const ProgramRange& range : ranges) {
    const std::string what = fmt::format("counters of {}", range.group);
    const bool told =
        std::any_of(out.absent.begin(), out.absent.end(),
                    [&](const AbsentMetric& absent) { return absent.metric == what; }) ||
        std::any_of(out.metrics.begin(), out.metrics.end(), [&](const CaseMetrics& metrics) {
          return metrics.case_id == case_id(range.group, range_part);
        });
    if (!told && range.captured)
      out.absent.push_back({what,
                            "its graph is launched outside of it, where nothing begins that "
                            "could be counted"});
    else if (!told && (!out.metrics.empty() || !out.absent.empty()))
      out.absent.push_back({what, "a start counts one range of a process, and not this one"});
  }
  return out;
}

}  // namespace perfgate
