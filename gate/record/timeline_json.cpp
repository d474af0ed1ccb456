// SPDX-License-Identifier: Apache-2.0
#include "gate/record/timeline_json.h"

#include <fmt/format.h>

#include <climits>
#include <utility>

#include "gate/util/id_table.h"
#include "gate/util/text.h"

namespace perfgate {

Json write_launch(const KernelLaunch& launch) {
  Json json{{"name", launch.name},
            {"grid", launch.grid},
            {"block", launch.block},
            {"registers", launch.registers},
            {"shared_bytes", launch.shared_bytes}};
  if (!launch.code.empty()) json["code"] = launch.code;
  return json;
}

KernelLaunch read_launch(JsonObject json) {
  KernelLaunch launch;
  launch.name = json.string("name");
  for (const auto& [key, target] :
       {std::pair{"grid", &launch.grid}, std::pair{"block", &launch.block}}) {
    const std::vector<double> numbers = json.numbers(key);
    if (numbers.size() != 3) json.fail(key, "expected three numbers");
    for (std::size_t i = 0; i < 3; ++i) {
      if (!(numbers[i] >= 1 && numbers[i] <= 2147483647)) json.fail(key, "is out of range");
      (*target)[i] = static_cast<int>(numbers[i]);
    }
  }
  launch.registers = json.small_integer("registers", 0, 1024);
  launch.shared_bytes = json.integer("shared_bytes", 0, INT64_MAX);
  if (const auto code = json.optional_string("code")) {
    if (!is_code_hash(*code))
      json.fail("code", fmt::format("'{}': {}", printable(*code), code_hash_wanted));
    launch.code = *code;
  }
  json.finish();
  return launch;
}

namespace {

Json write_span(const KernelSpan& span) {
  Json json{{"part", span.part},
            {"repetition", span.repetition},
            {"launch", span.launch},
            {"start_s", span.start_s},
            {"end_s", span.end_s}};
  if (span.call_start_s) json["call_start_s"] = *span.call_start_s;
  if (span.call_end_s) json["call_end_s"] = *span.call_end_s;
  if (span.stream) json["stream"] = *span.stream;
  return json;
}

Json write_times(const LaunchTimes& times) {
  return {{"launch", times.launch},     {"instances", times.instances}, {"total_s", times.total_s},
          {"median_s", times.median_s}, {"min_s", times.min_s},         {"max_s", times.max_s}};
}

/// Reads an index into a list of `count` entries.
std::size_t read_index(JsonObject& json, const char* key, std::size_t count) {
  return static_cast<std::size_t>(json.integer(key, 0, static_cast<std::int64_t>(count) - 1));
}

KernelSpan read_span(JsonObject json, const StepTimeline& timeline) {
  KernelSpan span;
  span.part = read_index(json, "part", timeline.parts.size());
  span.repetition = json.small_integer("repetition", 0, 1000000);
  span.launch = read_index(json, "launch", timeline.launches.size());
  span.start_s = json.number("start_s");
  span.end_s = json.number("end_s");
  if (span.end_s < span.start_s) json.fail("end_s", "is before start_s");
  span.call_start_s = json.optional_number("call_start_s");
  span.call_end_s = json.optional_number("call_end_s");
  if (span.call_start_s.has_value() != span.call_end_s.has_value())
    json.fail("call_end_s", "and call_start_s belong together");
  if (span.call_start_s && *span.call_end_s < *span.call_start_s)
    json.fail("call_end_s", "is before call_start_s");
  if (json.has("stream")) span.stream = json.small_integer("stream", 0, INT_MAX);
  json.finish();
  return span;
}

LaunchTimes read_times(JsonObject json, const StepTimeline& timeline) {
  LaunchTimes times;
  times.launch = read_index(json, "launch", timeline.launches.size());
  times.instances = json.small_integer("instances", 1, INT_MAX);
  times.total_s = json.number("total_s");
  times.median_s = json.number("median_s");
  times.min_s = json.number("min_s");
  times.max_s = json.number("max_s");
  if (!(times.min_s >= 0 && times.min_s <= times.median_s && times.median_s <= times.max_s &&
        times.max_s <= times.total_s))
    json.fail("median_s", "does not lie between min_s and max_s, or total_s is below that");
  json.finish();
  return times;
}

}  // namespace

Json write_timeline(const StepTimeline& timeline) {
  Json json{{"group", timeline.group},
            {"parts", timeline.parts},
            {"launching", launching_info(timeline.launching).id},
            {"launches", Json::array()},
            {"kernels", Json::array()}};
  if (!timeline.whole.empty()) json["whole"] = timeline.whole;
  for (const KernelLaunch& launch : timeline.launches)
    json["launches"].push_back(write_launch(launch));
  for (const KernelSpan& span : timeline.kernels) json["kernels"].push_back(write_span(span));
  if (timeline.not_shown > 0) json["not_shown"] = timeline.not_shown;
  if (timeline.all.empty()) return json;
  json["steps"] = timeline.steps;
  for (const LaunchTimes& times : timeline.all) json["all"].push_back(write_times(times));
  return json;
}

StepTimeline read_timeline(JsonObject json, const Plan& plan) {
  StepTimeline timeline;
  timeline.group = json.string("group");
  if (!has_group(plan, timeline.group))
    json.fail("group", fmt::format("'{}' is not in the plan", printable(timeline.group)));
  timeline.parts = json.strings("parts");
  timeline.whole = json.optional_string("whole").value_or("");
  timeline.launching = choose(launchings, json, "launching").launching;
  for (JsonObject& launch : json.objects("launches"))
    timeline.launches.push_back(read_launch(launch));
  for (JsonObject& kernel : json.objects("kernels")) {
    timeline.kernels.push_back(read_span(kernel, timeline));
    const std::size_t count = timeline.kernels.size();
    if (count > 1 && timeline.kernels[count - 1].start_s < timeline.kernels[count - 2].start_s)
      kernel.fail("start_s", "is before that of the kernel above");
  }
  if (timeline.kernels.empty()) json.fail("kernels", "is empty");
  if (json.has("not_shown")) timeline.not_shown = json.small_integer("not_shown", 1, INT_MAX);
  if (json.has("all")) {
    timeline.steps = json.small_integer("steps", 1, INT_MAX);
    for (JsonObject& times : json.objects("all"))
      timeline.all.push_back(read_times(times, timeline));
  }
  json.finish();
  return timeline;
}

}  // namespace perfgate
