// SPDX-License-Identifier: Apache-2.0
#include "gate/record/conditions_json.h"

#include <fmt/format.h>

#include "gate/util/id_table.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct Quantity {
  const char* key;
  std::optional<double> GpuReading::*moment;
  std::optional<Spread> Conditions::*load;
};
constexpr std::array<Quantity, 4> quantities{{
    {"sm_clock_hz", &GpuReading::sm_clock_hz, &Conditions::sm_clock_hz},
    {"memory_clock_hz", &GpuReading::memory_clock_hz, &Conditions::memory_clock_hz},
    {"power_w", &GpuReading::power_w, &Conditions::power_w},
    {"temperature_c", &GpuReading::temperature_c, &Conditions::temperature_c},
}};

Json write_moment(const GpuReading& reading) {
  Json json = Json::object();
  for (const Quantity& quantity : quantities)
    if (const auto& value = reading.*quantity.moment) json[quantity.key] = *value;
  if (reading.events) json["events"] = event_ids(*reading.events);
  return json;
}

std::optional<std::uint64_t> read_events(JsonObject& json) {
  if (!json.has("events")) return std::nullopt;
  std::uint64_t events = 0;
  for (const std::string& id : json.strings("events")) {
    const auto* event = find_by_id(clock_events, id);
    if (!event) json.fail("events", unknown_id(id, ids_of(clock_events)));
    events |= event->bit;
  }
  return events;
}

GpuReading read_moment(JsonObject json) {
  GpuReading reading;
  for (const Quantity& quantity : quantities)
    reading.*quantity.moment = json.optional_number(quantity.key);
  reading.events = read_events(json);
  json.finish();
  return reading;
}

}  // namespace

Json write_conditions(const Conditions& conditions) {
  Json load{{"readings", conditions.readings}, {"busy", conditions.busy}};
  for (const Quantity& quantity : quantities)
    if (const auto& spread = conditions.*quantity.load)
      load[quantity.key] = {spread->min, spread->median, spread->max};
  if (conditions.events) load["events"] = event_ids(*conditions.events);
  Json json{{"before", write_moment(conditions.before)},
            {"load", std::move(load)},
            {"after", write_moment(conditions.after)}};
  if (conditions.others) {
    json["others"] = Json::array();
    for (const GpuProcess& process : *conditions.others)
      json["others"].push_back({{"pid", process.pid}, {"name", process.name}});
  }
  return json;
}

Conditions read_conditions(JsonObject json) {
  Conditions conditions;
  conditions.before = read_moment(json.object("before"));
  JsonObject load = json.object("load");
  conditions.readings = load.small_integer("readings", 0, INT32_MAX);
  conditions.busy = load.small_integer("busy", 0, INT32_MAX);
  for (const Quantity& quantity : quantities) {
    if (!load.has(quantity.key)) continue;
    const std::vector<double> values = load.numbers(quantity.key);
    if (values.size() != 3 || values[0] > values[1] || values[1] > values[2])
      load.fail(quantity.key, "expected [min, median, max]");
    conditions.*quantity.load = Spread{values[0], values[1], values[2]};
  }
  conditions.events = read_events(load);
  load.finish();
  conditions.after = read_moment(json.object("after"));
  if (json.has("others")) {
    conditions.others.emplace();
    for (JsonObject& process : json.objects("others")) {
      conditions.others->push_back({process.integer("pid", 0, INT32_MAX), process.string("name")});
      process.finish();
    }
  }
  json.finish();
  return conditions;
}

}  // namespace perfgate
