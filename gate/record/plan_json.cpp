// SPDX-License-Identifier: Apache-2.0
#include "gate/record/plan_json.h"

#include <fmt/format.h>

#include <cstdint>
#include <set>
#include <utility>

#include "gate/record/case_name.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"

namespace perfgate {

Json write_metric(const Metric& metric) {
  return {{"id", metric.id},
          {"title", metric.title},
          {"unit", unit_info(metric.unit).id},
          {"sets", metric.sets},
          {"combine", combines[static_cast<std::size_t>(metric.combine)].id},
          {"counters", metric.operands},
          {"across_kernels", acrosses[static_cast<std::size_t>(metric.across)].id},
          {"scale", metric.scale},
          {"worse", worses[static_cast<std::size_t>(metric.worse)].id},
          {"meaning", metric.meaning},
          {"doubt", metric.doubt}};
}

Metric read_metric(JsonObject json) {
  Metric metric;
  metric.id = json.string("id");
  if (!is_metric_id(metric.id)) json.fail("id", "is made of other than a to z, 0 to 9 and _");
  metric.title = json.string("title");
  metric.unit = choose(units, json, "unit").unit;
  metric.sets = json.strings("sets");
  metric.combine = choose(combines, json, "combine").combine;
  metric.operands = json.lists_of_strings("counters");
  metric.across = choose(acrosses, json, "across_kernels").across;
  metric.scale = json.number("scale");
  metric.worse = choose(worses, json, "worse").worse;
  metric.meaning = json.string("meaning");
  metric.doubt = json.string("doubt");
  json.finish();
  return metric;
}

namespace {

Json write_source(const Source& source) {
  Json json{{"id", source.id}, {"request", source.request}};
  if (!source.settings.empty()) json["settings"] = source.settings;
  return json;
}

Json write_work(const Work& work) {
  Json json = Json::object();
  if (work.dram_bytes) json["dram_bytes"] = *work.dram_bytes;
  if (work.operations) json["operations"] = *work.operations;
  if (work.pipe) json["pipe"] = pipe_info(*work.pipe).id;
  return json;
}

Json write_case(const Case& planned) {
  Json json{{"group", planned.group}, {"part", planned.part}};
  if (!planned.title.empty()) json["title"] = planned.title;
  if (!planned.whole_of.empty()) json["whole_of"] = planned.whole_of;
  if (planned.work != Work{}) json["work"] = write_work(planned.work);
  if (planned.source > 0) json["source"] = planned.source;
  return json;
}

Source read_source(JsonObject json) {
  Source source;
  source.id = json.string("id");
  source.request = json.any("request");
  if (json.has("settings")) {
    JsonObject settings = json.object("settings");
    for (const std::string& name : settings.keys()) source.settings[name] = settings.string(name);
    settings.finish();
  }
  json.finish();
  return source;
}

/// Reads a number that must not be negative.
std::optional<double> read_amount(JsonObject& json, const char* key) {
  const auto value = json.optional_number(key);
  if (value && *value < 0) json.fail(key, "is below 0");
  return value;
}

Work read_work(JsonObject json) {
  Work work;
  work.dram_bytes = read_amount(json, "dram_bytes");
  work.operations = read_amount(json, "operations");
  if (json.has("pipe")) work.pipe = choose(pipes, json, "pipe").pipe;
  json.finish();
  return work;
}

Case read_case(JsonObject json, std::size_t sources) {
  Case planned;
  CaseName name = read_case_name(json);
  planned.id = std::move(name.id);
  planned.group = std::move(name.group);
  planned.part = std::move(name.part);
  planned.whole_of = std::move(name.whole_of);
  planned.title = json.optional_string("title").value_or("");
  if (json.has("work")) planned.work = read_work(json.object("work"));
  if (json.has("source"))
    planned.source =
        static_cast<std::size_t>(json.integer("source", 0, static_cast<std::int64_t>(sources) - 1));
  json.finish();
  return planned;
}

}  // namespace

Json write_plan(const Plan& plan) {
  Json json{{"samples", plan.samples},
            {"seed", plan.seed},
            {"sources", Json::array()},
            {"cases", Json::array()},
            {"metrics", Json::array()}};
  for (const Source& source : plan.sources) json["sources"].push_back(write_source(source));
  for (const Case& planned : plan.cases) json["cases"].push_back(write_case(planned));
  for (const Metric& metric : plan.metrics) json["metrics"].push_back(write_metric(metric));
  return json;
}

Plan read_plan(JsonObject json) {
  Plan plan;
  plan.samples = json.small_integer("samples", 1, 1 << 24);
  plan.seed = static_cast<std::uint64_t>(json.integer("seed", 0, INT64_MAX));
  std::set<std::string> sources;
  for (JsonObject& source : json.objects("sources")) {
    plan.sources.push_back(read_source(source));
    if (!sources.insert(plan.sources.back().id).second)
      source.fail("id", fmt::format("'{}' stands twice", printable(plan.sources.back().id)));
  }
  if (plan.sources.empty()) json.fail("sources", "is empty: the cases come from nowhere");
  std::set<std::string> known;
  for (JsonObject& entry : json.objects("cases")) {
    plan.cases.push_back(read_case(entry, plan.sources.size()));
    if (!known.insert(plan.cases.back().id).second)
      entry.fail("part", fmt::format("'{}' stands twice", printable(plan.cases.back().id)));
  }
  if (plan.cases.empty()) json.fail("cases", "is empty: nothing was planned");
  std::set<std::string> metrics;
  for (JsonObject& metric : json.objects("metrics")) {
    plan.metrics.push_back(read_metric(metric));
    if (!metrics.insert(plan.metrics.back().id).second)
      metric.fail("id", fmt::format("'{}' stands twice", plan.metrics.back().id));
  }
  json.finish();
  return plan;
}

}  // namespace perfgate
