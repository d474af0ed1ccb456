// SPDX-License-Identifier: Apache-2.0
#include "gate/program/program_findings.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/program/nearest_ranges.h"
#include "gate/program/range_filter.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

std::string how_it_ended(const ProgramStart& start) {
  std::string text = fmt::format("the program {}", start.end);
  if (!start.last_line.empty()) text += fmt::format(": {}", clipped(start.last_line, 200));
  if (start.failed && !start.last_range.empty()) text += fmt::format("; {}", start.last_range);
  return text;
}

std::vector<SeenRange> seen_ranges(const ProgramStart& start) {
  std::vector<SeenRange> seen;
  for (const Observation& process : start.processes)
    for (const RangeCount& range : process.seen)
      seen.push_back({range.domain, range.name, !range.start_end});
  return seen;
}

std::string no_match(const ProgramSpec& spec, const ProgramStart& start) {
  const std::vector<SeenRange> seen = seen_ranges(start);
  const RangeFilter filter = parse_range_filter(spec.ranges.front());
  return no_match_text(filter, nearest_ranges(filter, seen));
}

bool any_failure(const ProgramStart& start) {
  return std::any_of(start.processes.begin(), start.processes.end(),
                     [](const Observation& process) { return !process.failures.empty(); });
}

std::string first_failure(const ProgramStart& start) {
  for (const Observation& process : start.processes)
    if (!process.failures.empty())
      return fmt::format("process {} ({}): {}", process.pid, printable(process.program),
                         one_line(process.failures.front()));
  return "";
}

}  // namespace

std::optional<std::string> nothing_seen(const ProgramSpec& spec, const ProgramStart& start) {
  const bool any =
      std::any_of(start.processes.begin(), start.processes.end(), [](const Observation& process) {
        return !process.occurrences.empty() || !process.counted.empty();
      });
  // A trace with holes is no evidence, however much of it there is.
  if (any && any_failure(start)) return first_failure(start);
  if (any) return std::nullopt;
  if (!start.request_error.empty())
    return fmt::format("the injection library refused the request: {}", start.request_error);
  if (any_failure(start)) return first_failure(start);
  if (!start.forked.empty() && start.cuda.size() <= 1 && start.processes.size() <= 1 &&
      start.failed)
    return fmt::format(
        "process {} was forked after CUDA was initialised, and CUDA does not work there: start "
        "workers by spawn (VLLM_WORKER_MULTIPROC_METHOD=spawn for vLLM); {}",
        start.forked.front(), how_it_ended(start));
  if (start.cuda.empty() && start.nvtx.empty())
    return fmt::format(
        "no process of the command initialised CUDA or called NVTX, or it cleared the environment: "
        "nothing was measured; {}",
        how_it_ended(start));
  if (start.cuda.empty())
    return fmt::format("no process of the command initialised CUDA: nothing was measured; {}",
                       how_it_ended(start));
  if (start.processes.empty())
    return fmt::format(
        "every process that used CUDA was ended before it could write what it had seen; {}",
        how_it_ended(start));
  if (spec.source == RangeSource::nvtx && start.nvtx.empty())
    return std::string(
        "nothing called NVTX: use --range profiler-api, --range kernel with -k, or --range all");
  if (spec.source == RangeSource::nvtx) {
    const bool matched =
        std::any_of(start.processes.begin(), start.processes.end(),
                    [](const Observation& process) { return !process.names.empty(); });
    if (!matched) return no_match(spec, start);
    std::int64_t others = 0;
    for (const Observation& process : start.processes) others += process.other_threads;
    if (others > 0)
      return fmt::format(
          "the ranges launched nothing from their own thread, {} came from other threads: use "
          "--nvtx-push-pop-scope process",
          count_of(static_cast<std::size_t>(others), "launch"));
    return fmt::format(
        "ranges matched, but none of them launched a kernel after the first {}, which {} warm-up "
        "(--skip), and {} more are needed; {}",
        count_of(static_cast<std::size_t>(spec.skip), "occurrence"), spec.skip == 1 ? "is" : "are",
        spec.occurrences, how_it_ended(start));
  }
  return fmt::format("no kernel was launched in the wanted ranges; {}", how_it_ended(start));
}

std::vector<std::string> doubts(const ProgramSpec& spec, const ProgramStart& start) {
  std::vector<std::string> notes;
  for (const Observation& process : start.processes) {
    const std::string who = fmt::format("process {} ({})", process.pid, printable(process.program));
    for (const std::string& failure : process.failures)
      notes.push_back(fmt::format("{}: {}", who, one_line(failure)));
    if (process.lost > 0)
      notes.push_back(fmt::format("{}: {} of its launches left no record", who, process.lost));
    if (process.other_threads > 0 && spec.scope == LaunchScope::thread)
      notes.push_back(
          fmt::format("{}: {} launches came from other threads while a range was open, and are in "
                      "none; --nvtx-push-pop-scope process counts them",
                      who, process.other_threads));
  }
  if (start.failed) notes.push_back(how_it_ended(start));
  return notes;
}

}  // namespace perfgate
