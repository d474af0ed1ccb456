// SPDX-License-Identifier: Apache-2.0
#include "gate/program/observation.h"

#include <fmt/format.h>

#include <climits>
#include <limits>

#include "gate/record/stability_json.h"
#include "gate/record/timeline_json.h"
#include "gate/util/json_object.h"

namespace perfgate {

namespace {

constexpr std::int64_t any_count = std::numeric_limits<std::int64_t>::max();

Json write_counted(const CaseMetrics& metrics) {
  Json json{{"values", metrics.values}};
  for (const Stability listed : listed_stabilities)
    json[stability_id(listed)] = ids_that_are(listed, metrics.stability);
  if (!metrics.doubtful.empty()) json["doubtful"] = metrics.doubtful;
  return json;
}

CaseMetrics read_counted(JsonObject json) {
  CaseMetrics metrics;
  JsonObject values = json.object("values");
  for (const std::string& key : values.keys()) metrics.values[key] = values.number(key);
  values.finish();
  metrics.stability = read_stabilities(json, metrics.values);
  if (json.has("doubtful")) metrics.doubtful = json.strings("doubtful");
  json.finish();
  return metrics;
}

Json write_occurrence(const Occurrence& occurrence) {
  Json json{{"name", occurrence.name},
            {"launches", occurrence.launches},
            {"start_ns", occurrence.start_ns},
            {"end_ns", occurrence.end_ns}};
  if (occurrence.captured) json["captured"] = true;
  return json;
}

/// Reads a list of integers between `low` and `high`.
template <class Integer>
std::vector<Integer> read_integers(JsonObject& json, const char* key, std::int64_t high) {
  std::vector<Integer> out;
  const Json& list = json.any(key);
  if (!list.is_array()) json.fail(key, "expected a list of integers");
  out.reserve(list.size());
  for (const Json& entry : list) {
    if (!entry.is_number_integer() || entry.get<std::int64_t>() < 0 ||
        entry.get<std::int64_t>() > high)
      json.fail(key, fmt::format("expected integers from 0 to {}", high));
    out.push_back(entry.get<Integer>());
  }
  return out;
}

Occurrence read_occurrence(JsonObject json, const Observation& observation) {
  const auto last = [](std::size_t size) { return static_cast<std::int64_t>(size) - 1; };
  Occurrence occurrence;
  occurrence.name =
      static_cast<std::size_t>(json.integer("name", 0, last(observation.names.size())));
  occurrence.captured = json.optional_boolean("captured").value_or(false);
  occurrence.launches =
      read_integers<std::size_t>(json, "launches", last(observation.launches.size()));
  occurrence.start_ns = read_integers<std::int64_t>(json, "start_ns", any_count);
  occurrence.end_ns = read_integers<std::int64_t>(json, "end_ns", any_count);
  if (occurrence.start_ns.size() != occurrence.launches.size() ||
      occurrence.end_ns.size() != occurrence.launches.size())
    json.fail("launches", "needs a start and an end for each launch");
  for (std::size_t i = 0; i < occurrence.launches.size(); ++i)
    if (occurrence.end_ns[i] < occurrence.start_ns[i])
      json.fail("end_ns", fmt::format("launch {} ends before it starts", i));
  json.finish();
  return occurrence;
}

CountedRange read_counted_range(JsonObject json, const Observation& observation) {
  CountedRange counted;
  counted.name = static_cast<std::size_t>(
      json.integer("name", 0, static_cast<std::int64_t>(observation.names.size()) - 1));
  counted.operators = json.strings("operators");
  for (JsonObject& kernel : json.objects("kernels")) {
    counted.kernels.push_back(read_counted(std::move(kernel)));
    counted.kernels.back().case_id = std::to_string(counted.kernels.size() - 1);
  }
  if (json.has("whole")) counted.whole = read_counted(json.object("whole"));
  counted.passes = json.small_integer("passes", 1, 10000);
  counted.repetitions = json.small_integer("repetitions", 1, 10000);
  json.finish();
  return counted;
}

}  // namespace

std::string write_observation(const Observation& observation) {
  Json json{{"schema", observation_schema}, {"kind", "program process"},
            {"pid", observation.pid},       {"program", observation.program},
            {"rank", observation.rank},     {"complete", observation.complete},
            {"nvtx", observation.nvtx},     {"names", observation.names},
            {"launches", Json::array()},    {"occurrences", Json::array()},
            {"counted", Json::array()},     {"absent", Json::array()},
            {"seen", Json::array()},        {"failures", observation.failures},
            {"lost", observation.lost},     {"other_threads", observation.other_threads}};
  for (std::size_t i = 0; i < observation.launches.size(); ++i) {
    Json launch = write_launch(observation.launches[i]);
    if (observation.graphs[i]) launch["graph"] = "whole";
    if (observation.in_graph[i]) launch["graph"] = "node";
    if (i < observation.streams.size() && observation.streams[i] >= 0)
      launch["stream"] = observation.streams[i];
    json["launches"].push_back(std::move(launch));
  }
  for (const Occurrence& occurrence : observation.occurrences)
    json["occurrences"].push_back(write_occurrence(occurrence));
  for (const CountedRange& counted : observation.counted) {
    Json out{{"name", counted.name},
             {"operators", counted.operators},
             {"kernels", Json::array()},
             {"passes", counted.passes},
             {"repetitions", counted.repetitions}};
    for (const CaseMetrics& kernel : counted.kernels)
      out["kernels"].push_back(write_counted(kernel));
    if (counted.whole) out["whole"] = write_counted(*counted.whole);
    json["counted"].push_back(std::move(out));
  }
  if (observation.refused) json["refused"] = true;
  for (const AbsentMetric& absent : observation.absent)
    json["absent"].push_back({{"metric", absent.metric}, {"why", absent.why}});
  for (const RangeCount& range : observation.seen) {
    Json out{{"name", range.name}, {"count", range.count}};
    if (!range.domain.empty()) out["domain"] = range.domain;
    if (range.start_end) out["start_end"] = true;
    json["seen"].push_back(std::move(out));
  }
  return json_text(json);
}

Observation read_observation(std::string_view text, const std::string& source) {
  const Json document = parse_json(text, source);
  JsonObject json(document, source);
  json.require_schema(observation_schema);
  if (json.string("kind") != "program process") json.fail("kind", "expected a program process");
  Observation out;
  out.pid = json.integer("pid", 1, any_count);
  out.program = json.string("program");
  out.rank = json.string("rank");
  out.complete = json.boolean("complete");
  out.nvtx = json.boolean("nvtx");
  out.names = json.strings("names");
  for (JsonObject& launch : json.objects("launches")) {
    const std::string graph = launch.optional_string("graph").value_or("");
    if (!graph.empty() && graph != "whole" && graph != "node")
      launch.fail("graph", "expected 'whole' or 'node'");
    out.graphs.push_back(graph == "whole");
    out.in_graph.push_back(graph == "node");
    out.streams.push_back(launch.has("stream") ? launch.small_integer("stream", 0, INT_MAX) : -1);
    out.launches.push_back(read_launch(std::move(launch)));
  }
  for (JsonObject& entry : json.objects("occurrences"))
    out.occurrences.push_back(read_occurrence(std::move(entry), out));
  for (JsonObject& entry : json.objects("counted"))
    out.counted.push_back(read_counted_range(std::move(entry), out));
  for (JsonObject& entry : json.objects("absent")) {
    out.absent.push_back({entry.string("metric"), entry.string("why")});
    entry.finish();
  }
  for (JsonObject& entry : json.objects("seen")) {
    RangeCount range{entry.optional_string("domain").value_or(""), entry.string("name"),
                     entry.optional_boolean("start_end").value_or(false),
                     entry.integer("count", 1, any_count)};
    entry.finish();
    out.seen.push_back(std::move(range));
  }
  out.failures = json.strings("failures");
  out.refused = json.optional_boolean("refused").value_or(false);
  out.lost = json.integer("lost", 0, any_count);
  out.other_threads = json.integer("other_threads", 0, any_count);
  json.finish();
  return out;
}

}  // namespace perfgate
