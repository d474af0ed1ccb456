// SPDX-License-Identifier: Apache-2.0
// Writes the Trace Event format as Perfetto and chrome://tracing read it: complete events ("X")
// with their start and duration in microseconds, and metadata events ("M") that name processes and
// threads.
//
// The viewers nest the events of a thread by their times, so two events that overlap without one
// being inside the other would be drawn wrong. Kernels of one stream overlap when they are launched
// with programmatic dependencies; an overlapping kernel goes to a further thread of the same name.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "gate/judge/launch_match.h"
#include "gate/report/render.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Times are whole nanoseconds: the clock has no finer ones, and their sums do not drift apart.
struct Slice {
  std::int64_t start_ns = 0, end_ns = 0;
  std::string name;
  Json args = Json::object();
};

/// The threads of one step, each with its number in the process. The gaps between the numbers leave
/// room for overlapping slices.
constexpr int calls_thread = 10, repetitions_thread = 20, parts_thread = 30, kernels_thread = 40;
constexpr int threads_of_a_step = 100;
constexpr int most_lanes = 9;
constexpr std::size_t most_streams = 4;  // with a track of their own; then the room is full

double microseconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

Json metadata(std::string_view name, int process, int thread, const char* key, Json value) {
  return {{"name", name},   {"ph", "M"},     {"ts", 0},
          {"pid", process}, {"tid", thread}, {"args", {{key, std::move(value)}}}};
}

/// Adds the slices, ordered by start, in as few threads as keep them apart.
void add_track(Json& events, int process, int first_thread, const std::string& title,
               const std::vector<Slice>& slices) {
  std::vector<std::int64_t> ends_ns;
  for (const Slice& slice : slices) {
    const auto free = std::find_if(ends_ns.begin(), ends_ns.end(),
                                   [&](std::int64_t end_ns) { return end_ns <= slice.start_ns; });
    const int lane = std::min(most_lanes, static_cast<int>(free - ends_ns.begin()));
    const int thread = first_thread + lane;
    if (lane == static_cast<int>(ends_ns.size())) {
      ends_ns.push_back(0);
      events.push_back(metadata("thread_name", process, thread, "name", title));
      events.push_back(metadata("thread_sort_index", process, thread, "sort_index", thread));
    }
    ends_ns[static_cast<std::size_t>(lane)] = slice.end_ns;
    events.push_back({{"name", slice.name},
                      {"ph", "X"},
                      {"ts", microseconds(slice.start_ns)},
                      {"dur", microseconds(slice.end_ns - slice.start_ns)},
                      {"pid", process},
                      {"tid", thread},
                      {"args", slice.args}});
  }
}

/// Returns what the report says about a case, in SI units as in the result file.
Json case_args(const Report& report, const std::string& id) {
  Json args{{"case", id}};
  const auto found = std::find_if(report.cases.begin(), report.cases.end(),
                                  [&](const CaseReport& candidate) { return candidate.id == id; });
  if (found == report.cases.end()) return args;
  args["verdict"] = verdict_info(found->verdict()).id;
  if (found->base_s) args["base_s"] = *found->base_s;
  if (found->head_s) args["head_s"] = *found->head_s;
  if (found->change) args["change"] = found->change->effect;
  for (const auto& [metric, pair] : found->metrics)
    if (pair.head) args[metric] = *pair.head;
  return args;
}

/// Returns the name of one repetition of the group: "layer".
std::string word_of(const StepTimeline& timeline) {
  return timeline.whole.empty() ? "repetition" : one_line(timeline.whole);
}

class Step {
 public:
  Step(const Report& report, const StepTimeline& timeline)
      : m_report(report), m_timeline(timeline), m_whole(word_of(timeline)) {
    double first_s = 0;
    for (const KernelSpan& span : timeline.kernels)
      first_s = std::min({first_s, span.start_s, span.call_start_s.value_or(0)});
    m_first_s = first_s;
  }

  /// The kernels by stream, where that is known; behind the first few, streams share a track.
  std::map<std::string, std::vector<Slice>> kernels() const {
    std::map<std::string, std::vector<Slice>> tracks;
    std::set<int> own;  // streams with a track of their own
    for (const KernelSpan& span : m_timeline.kernels) {
      const KernelLaunch& launch = m_timeline.launches[span.launch];
      Slice slice{ns(span.start_s), ns(span.end_s), one_line(launch.name)};
      slice.args = {{"case", id_of(span)},
                    {m_whole, span.repetition},
                    {"kernel", slice.name},
                    {"grid", dimensions(launch.grid)},
                    {"block", dimensions(launch.block)},
                    {"registers", launch.registers},
                    {"shared_bytes", launch.shared_bytes}};
      if (!launch.code.empty()) slice.args["code"] = launch.code;
      if (span.call_start_s) slice.args["since_call_s"] = span.start_s - *span.call_start_s;
      if (span.stream && own.size() < most_streams) own.insert(*span.stream);
      const std::string title = !span.stream ? "kernels"
                                : own.contains(*span.stream)
                                    ? fmt::format("kernels, stream {}", *span.stream)
                                    : "kernels, streams beside these";
      tracks[title].push_back(std::move(slice));
    }
    return tracks;
  }

  /// Returns each part's slice, from its first to its last kernel.
  std::vector<Slice> parts() const {
    std::vector<Slice> slices;
    const KernelSpan* before = nullptr;
    for (const KernelSpan& span : m_timeline.kernels) {
      if (!before || before->part != span.part || before->repetition != span.repetition) {
        slices.push_back({ns(span.start_s), ns(span.end_s), one_line(m_timeline.parts[span.part]),
                          case_args(m_report, id_of(span))});
        slices.back().args[m_whole] = span.repetition;
        slices.back().args["kernels"] = Json::array();
      }
      slices.back().end_ns = std::max(slices.back().end_ns, ns(span.end_s));
      slices.back().args["kernels"].push_back(one_line(m_timeline.launches[span.launch].name));
      before = &span;
    }
    return slices;
  }

  /// Returns each repetition's slice, from its first to its last kernel.
  std::vector<Slice> repetitions() const {
    std::vector<Slice> slices;
    int repetition = -1;
    for (const KernelSpan& span : m_timeline.kernels) {
      if (span.repetition != repetition)
        slices.push_back(
            {ns(span.start_s), 0, fmt::format("{} {}", m_whole, span.repetition), whole_args()});
      slices.back().end_ns = std::max(slices.back().end_ns, ns(span.end_s));
      repetition = span.repetition;
    }
    return slices;
  }

  std::vector<Slice> calls() const {
    std::vector<Slice> slices;
    for (const KernelSpan& span : m_timeline.kernels) {
      if (!span.call_start_s) continue;
      slices.push_back({ns(*span.call_start_s), ns(*span.call_end_s),
                        one_line(m_timeline.launches[span.launch].name)});
      slices.back().args = {{"case", id_of(span)}, {m_whole, span.repetition}};
    }
    std::stable_sort(slices.begin(), slices.end(),
                     [](const Slice& a, const Slice& b) { return a.start_ns < b.start_ns; });
    return slices;
  }

 private:
  /// Returns the time since the first event: some viewers refuse negative times.
  std::int64_t ns(double seconds) const { return std::llround((seconds - m_first_s) * 1e9); }

  std::string id_of(const KernelSpan& span) const {
    return case_id(m_timeline.group, m_timeline.parts[span.part]);
  }

  /// Returns the arguments of the case that one repetition is, where there is such a case.
  Json whole_args() const {
    if (m_timeline.whole.empty()) return Json::object();
    return case_args(m_report, case_id(m_timeline.group, m_timeline.whole));
  }

  const Report& m_report;
  const StepTimeline& m_timeline;
  std::string m_whole;  ///< the name of one repetition
  double m_first_s = 0;
};

void add_step(Json& events, int process, const Report& report, const StepTimeline& timeline) {
  const Step step(report, timeline);
  const LaunchingInfo& launching = launching_info(timeline.launching);
  const int base = threads_of_a_step * static_cast<int>(timeline.launching);
  const auto add = [&](int thread, std::string_view title, const std::vector<Slice>& slices) {
    add_track(events, process, base + thread, fmt::format("{} ({})", title, launching.words),
              slices);
  };
  add(calls_thread, "CPU: launches", step.calls());
  add(repetitions_thread, word_of(timeline) + "s", step.repetitions());
  add(parts_thread, "parts", step.parts());
  int thread = kernels_thread;
  for (const auto& [title, slices] : step.kernels()) {
    add(thread, title, slices);
    thread += most_lanes + 1;
  }
}

}  // namespace

std::string render_trace(const Report& report) {
  Json events = Json::array();
  std::map<std::string, int> processes;
  for (const StepTimeline& timeline : report.timelines) {
    const auto [known, fresh] =
        processes.emplace(timeline.group, static_cast<int>(processes.size()) + 1);
    const int process = known->second;
    if (fresh) {
      events.push_back(metadata("process_name", process, 0, "name", one_line(timeline.group)));
      events.push_back(
          metadata("process_labels", process, 0, "labels", one_line(verdict_sentence(report))));
      events.push_back(metadata("process_sort_index", process, 0, "sort_index", process));
    }
    add_step(events, process, report, timeline);
  }
  const Json about{{"perfgate", report.perfgate},
                   {"sentence", one_line(verdict_sentence(report))},
                   {"gpu", one_line(report.gpu_name)},
                   {"conditions", one_line(report.conditions)},
                   {"against", one_line(report.against)}};
  std::string out = fmt::format(
      "{{\"displayTimeUnit\": \"ns\",\n\"otherData\": {},\n\"traceEvents\": [", about.dump());
  std::string_view separator = "\n";
  for (const Json& event : events) {
    out += separator;
    out += event.dump();
    separator = ",\n";
  }
  return out + "\n]}\n";
}

}  // namespace perfgate
