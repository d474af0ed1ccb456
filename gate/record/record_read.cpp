// SPDX-License-Identifier: Apache-2.0
#include "gate/record/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "gate/record/conditions_json.h"
#include "gate/record/plan_json.h"
#include "gate/record/stability_json.h"
#include "gate/record/timeline_json.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/json_object.h"
#include "gate/util/plausible.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::int64_t any_integer = INT64_MAX;

constexpr double rounding = 1e-9;  ///< ratio; sums of the same numbers differ by no more

/// Reads one field of the fingerprint by its type; an optional one may be absent.
struct FieldReader {
  JsonObject& json;
  static constexpr int most = 100000;  // limit for SMs, lanes and the like

  void operator()(const char* key, std::string& field) const { field = json.string(key); }
  void operator()(const char* key, int& field) const { field = json.small_integer(key, 0, most); }
  void operator()(const char* key, std::int64_t& field) const {
    field = json.integer(key, 0, any_integer);
  }
  void operator()(const char* key, std::optional<std::string>& field) const {
    field = json.optional_string(key);
  }
  void operator()(const char* key, std::optional<double>& field) const {
    field = json.optional_number(key);
  }
  void operator()(const char* key, std::optional<bool>& field) const {
    field = json.optional_boolean(key);
  }
  void operator()(const char* key, std::optional<int>& field) const {
    if (json.has(key)) field = json.small_integer(key, 1, most);
  }
};

GpuFingerprint read_gpu(JsonObject json) {
  GpuFingerprint gpu;
  each_field(gpu, FieldReader{json});
  json.finish();
  return gpu;
}

std::string read_case_id(JsonObject& json, const Plan& plan) {
  std::string id = json.string("case");
  const bool planned = std::any_of(plan.cases.begin(), plan.cases.end(),
                                   [&](const Case& entry) { return entry.id == id; });
  if (!planned) json.fail("case", fmt::format("'{}' is not in the plan", printable(id)));
  return id;
}

// Shorter than a tick of any GPU's clock, and longer than any time limit: no GPU measured that.
constexpr double shortest_s = 1e-9, longest_s = 1e6;

double read_time(JsonObject& json, const char* key) {
  const double seconds = json.positive(key);
  if (seconds < shortest_s || seconds > longest_s)
    json.fail(key, fmt::format("{} s is no duration of work on a GPU", seconds));
  return seconds;
}

std::vector<double> read_times(JsonObject& json, const char* key, const Timing& timing) {
  std::vector<double> times = json.numbers(key);
  for (const double seconds : times)
    if (!(seconds >= timing.min_s * (1 - rounding) && seconds <= timing.max_s * (1 + rounding)))
      json.fail(key, fmt::format("{} is not between min_s {} and max_s {}", seconds, timing.min_s,
                                 timing.max_s));
  return times;
}

/// The statistics of one set of samples cannot contradict each other, unless somebody or something
/// changed them.
void check_statistics(JsonObject& json, const Timing& timing) {
  struct Named {
    const char* key;
    double value;
  };
  const std::array<Named, 5> ascending{{{"min_s", timing.min_s},
                                        {"q1_s", timing.q1_s},
                                        {"median_s", timing.median_s},
                                        {"q3_s", timing.q3_s},
                                        {"max_s", timing.max_s}}};
  for (std::size_t i = 1; i < ascending.size(); ++i)
    if (ascending[i].value < ascending[i - 1].value * (1 - rounding))
      json.fail(ascending[i].key, fmt::format("{} is below {} {}", ascending[i].value,
                                              ascending[i - 1].key, ascending[i - 1].value));
  const double mean = timing.iq_mean_s;
  if (mean < timing.min_s * (1 - rounding) || mean > timing.max_s * (1 + rounding))
    json.fail("iq_mean_s", fmt::format("{} is not between min_s {} and max_s {}", mean,
                                       timing.min_s, timing.max_s));
  if (timing.placements_s.empty()) {
    // The mean of the middle half is never outside of the quartiles. That of several placements may
    // be: where one place is slow, it counts with its share.
    if (mean < timing.q1_s * (1 - rounding) || mean > timing.q3_s * (1 + rounding))
      json.fail("iq_mean_s", fmt::format("{} is not between q1_s {} and q3_s {}", mean, timing.q1_s,
                                         timing.q3_s));
    return;
  }
  const double wanted =
      std::accumulate(timing.placements_s.begin(), timing.placements_s.end(), 0.0) /
      static_cast<double>(timing.placements_s.size());
  if (std::abs(mean - wanted) > rounding * wanted)
    json.fail("iq_mean_s", fmt::format("{}, but the mean of placements_s is {}", mean, wanted));
}

/// Where the samples are there, the statistics are theirs. Which of them were at which placement is
/// not in the record, so of several placements the process statistic is not held against them.
void check_samples(JsonObject& json, const Timing& timing) {
  const auto require = [&](const char* key, double value, double wanted) {
    if (std::abs(value - wanted) > rounding * wanted)
      json.fail(key, fmt::format("{}, but that of samples_s is {}", value, wanted));
  };
  require("min_s", timing.min_s, quantile(timing.samples_s, 0));
  require("q1_s", timing.q1_s, quantile(timing.samples_s, 0.25));
  require("median_s", timing.median_s, quantile(timing.samples_s, 0.5));
  require("q3_s", timing.q3_s, quantile(timing.samples_s, 0.75));
  require("max_s", timing.max_s, quantile(timing.samples_s, 1));
  if (timing.placements_s.size() < 2)
    require("iq_mean_s", timing.iq_mean_s, interquartile_mean(timing.samples_s));
}

Timing read_timing(JsonObject json, const Plan& plan) {
  Timing timing;
  timing.case_id = read_case_id(json, plan);
  timing.count = json.integer("count", 1, any_integer);
  timing.iq_mean_s = read_time(json, "iq_mean_s");
  timing.median_s = read_time(json, "median_s");
  timing.q1_s = read_time(json, "q1_s");
  timing.q3_s = read_time(json, "q3_s");
  timing.min_s = read_time(json, "min_s");
  timing.max_s = read_time(json, "max_s");
  if (json.has("placements_s")) timing.placements_s = read_times(json, "placements_s", timing);
  check_statistics(json, timing);
  if (json.has("samples_s")) {
    timing.samples_s = read_times(json, "samples_s", timing);
    if (static_cast<std::int64_t>(timing.samples_s.size()) != timing.count)
      json.fail("samples_s", fmt::format("{} samples, but count says {}", timing.samples_s.size(),
                                         timing.count));
    check_samples(json, timing);
  }
  json.finish();
  return timing;
}

/// norm(0 - ref) / norm(ref): a limit that lets it pass lets everything pass.
constexpr double error_of_zeros = 1;

CaseCheck read_check(JsonObject json, const Plan& plan) {
  CaseCheck check;
  check.case_id = read_case_id(json, plan);
  check.error = json.optional_number("error");
  if (check.error && *check.error < 0)
    json.fail("error", fmt::format("{} is below 0, which no distance is", *check.error));
  check.limit = json.positive("limit");
  if (check.limit >= error_of_zeros)
    json.fail("limit", fmt::format("{} is no limit: an output of zeros has the error {}",
                                   check.limit, error_of_zeros));
  check.elements = json.integer("elements", 1, any_integer);
  check.passed = json.boolean("passed");
  if (check.passed && !(check.error && *check.error <= check.limit))
    json.fail("passed", "is true, but the error is not within the limit");
  json.finish();
  return check;
}

CaseMetrics read_case_metrics(JsonObject json, const Plan& plan) {
  CaseMetrics metrics;
  metrics.case_id = read_case_id(json, plan);
  JsonObject values = json.object("values");
  for (const std::string& key : values.keys()) {
    const bool known = std::any_of(plan.metrics.begin(), plan.metrics.end(),
                                   [&](const Metric& metric) { return metric.id == key; });
    if (!known) values.fail(printable(key), "is not a metric of the plan");
    metrics.values[key] = values.number(key);
  }
  values.finish();
  metrics.stability = read_stabilities(json, metrics.values);
  if (json.has("doubtful")) metrics.doubtful = json.strings("doubtful");
  for (const std::string& id : metrics.doubtful)
    if (!metrics.values.contains(id))
      json.fail("doubtful", fmt::format("'{}' has no value", printable(id)));
  json.finish();
  return metrics;
}

/// Refuses a case that stands twice in a list of a process: it would count twice.
class Once {
 public:
  explicit Once(const char* key) : m_key(key) {}
  void see(const JsonObject& json, const std::string& id) {
    if (!m_seen.insert(id).second)
      json.fail(m_key, fmt::format("'{}' stands twice", printable(id)));
  }

 private:
  const char* m_key;
  std::set<std::string> m_seen;
};

/// Refuses a process that stands twice: it would count twice.
void refuse_copies(const JsonObject& json, const std::vector<ProcessRecord>& processes) {
  for (std::size_t i = 0; i < processes.size(); ++i)
    for (std::size_t k = i + 1; k < processes.size(); ++k)
      if (same_process(processes[i], processes[k]))
        json.fail("processes",
                  fmt::format("number {} is number {} again: same wall time, same measurements",
                              k + 1, i + 1));
}

ProcessRecord read_process(JsonObject json, const Plan& plan) {
  ProcessRecord process;
  process.kind = choose(process_kinds, json, "kind").kind;
  if (json.has("side")) process.side = choose(sides, json, "side").side;
  if (json.has("round")) process.round = json.small_integer("round", 1, 1000000);
  process.wall_s = json.number("wall_s");
  process.error = json.optional_string("error");
  if (json.has("conditions")) process.conditions = read_conditions(json.object("conditions"));
  if (json.has("sentinels")) {
    JsonObject sentinels = json.object("sentinels");
    const auto speed = [&](const std::string& key) {
      const double value = sentinels.positive(key);
      if (!is_device_speed(value))
        sentinels.fail(key, fmt::format("{} is no device's speed", value));
      return value;
    };
    process.sentinels = Sentinels{speed("read_bytes_per_s"), speed("fma_flops")};
    sentinels.finish();
  }
  if (json.has("memory_beat")) {
    JsonObject beat = json.object("memory_beat");
    process.memory_beat = MemoryBeat{beat.positive("period_s"), beat.positive("period_p5_s"),
                                     beat.positive("period_p95_s"), beat.positive("length_s")};
    beat.finish();
  }
  if (json.has("dither")) {
    JsonObject dither = json.object("dither");
    process.dither = Dither{dither.integer("seed", 0, any_integer), dither.positive("longest_s")};
    dither.finish();
  }
  if (json.has("phases_s")) {
    JsonObject phases = json.object("phases_s");
    for (const std::string& phase : phases.keys()) process.phases_s[phase] = phases.number(phase);
    phases.finish();
  }
  if (json.has("passes")) process.passes = json.small_integer("passes", 1, 10000);
  Once checks("case"), launched("case"), timed("case"), counted("case"), failed("case"),
      absent("metric"), stepped("group");
  for (JsonObject& entry : json.objects("checks")) {
    process.checks.push_back(read_check(entry, plan));
    checks.see(entry, process.checks.back().case_id);
  }
  for (JsonObject& entry : json.objects("kernels")) {
    CaseKernels kernels{read_case_id(entry, plan), {}};
    launched.see(entry, kernels.case_id);
    for (JsonObject& launch : entry.objects("launches"))
      kernels.launches.push_back(read_launch(launch));
    entry.finish();
    process.kernels.push_back(std::move(kernels));
  }
  for (JsonObject& entry : json.objects("timings")) {
    process.timings.push_back(read_timing(entry, plan));
    timed.see(entry, process.timings.back().case_id);
  }
  for (JsonObject& entry : json.objects("metrics")) {
    process.metrics.push_back(read_case_metrics(entry, plan));
    counted.see(entry, process.metrics.back().case_id);
  }
  for (JsonObject& entry : json.objects("failures")) {
    process.failures.push_back({read_case_id(entry, plan), entry.string("why")});
    failed.see(entry, process.failures.back().case_id);
    entry.finish();
  }
  for (JsonObject& entry : json.objects("absent")) {
    process.absent.push_back({entry.string("metric"), entry.string("why")});
    absent.see(entry, process.absent.back().metric);
    entry.finish();
  }
  for (JsonObject& entry : json.objects("timelines")) {
    process.timelines.push_back(read_timeline(entry, plan));
    const StepTimeline& step = process.timelines.back();
    stepped.see(entry, fmt::format("{}, {}", step.group, launching_info(step.launching).words));
  }
  json.finish();
  return process;
}

}  // namespace

RunRecord read_record(std::string_view text, const std::string& source) {
  std::string none;
  return read_record(text, source, "", none);
}

RunRecord read_record(std::string_view text, const std::string& source,
                      std::string_view own_version, std::string& note) {
  const Json document = parse_json(text, source);
  JsonObject json(document, source);
  json.require_schema(record_schema);
  if (const std::string kind = json.string("kind"); kind != "run")
    json.fail("kind", fmt::format("expected a run record, found '{}'", printable(kind)));
  RunRecord record;
  record.perfgate = json.string("perfgate");
  json.skip_unknown_of_newer(record.perfgate, own_version);
  record.commit = json.string("commit");
  record.created = json.string("created");
  record.command = json.string("command");
  record.gpu_id = json.string("gpu_id");
  // It becomes the name of a file.
  if (!is_gpu_id(record.gpu_id)) json.fail("gpu_id", gpu_id_wanted);
  record.clocks = choose(clock_policies, json, "clocks").policy;
  if (json.has("clock_target")) {
    JsonObject target = json.object("clock_target");
    record.clock_target = {target.positive("tolerance"), target.optional_number("sm_hz"),
                           target.optional_number("memory_hz")};
    target.finish();
  }
  if (json.has("only")) record.only = json.strings("only");
  if (json.has("order_seed"))
    record.order_seed = static_cast<std::uint64_t>(json.integer("order_seed", 0, any_integer));
  if (json.has("gpu")) record.gpu = read_gpu(json.object("gpu"));
  record.plan = read_plan(json.object("plan"));
  for (JsonObject& process : json.objects("processes"))
    record.processes.push_back(read_process(process, record.plan));
  refuse_copies(json, record.processes);
  json.finish();
  note = json.skipped_note();
  return record;
}

}  // namespace perfgate
