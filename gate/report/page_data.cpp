// SPDX-License-Identifier: Apache-2.0
#include "gate/report/page_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "gate/diagnose/kernel_summary.h"
#include "gate/diagnose/occupancy.h"
#include "gate/report/report_columns.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

Json number(double value, int digits = 6) {
  if (!std::isfinite(value)) return nullptr;
  const std::string text = fmt::format("{:.{}g}", value, digits);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  // A whole number needs no ".0"; a larger one is shorter with its exponent.
  if (rounded == std::floor(rounded) && std::abs(rounded) < 1e7)
    return static_cast<std::int64_t>(rounded);
  return rounded;
}

Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

/// A third of a page is lists of durations, so they are short, and still 0.01 % apart.
Json microseconds(double seconds) {
  return number(seconds * 1e6, 5);
}

Json microseconds(const std::vector<double>& seconds) {
  Json list = Json::array();
  for (const double value : seconds) list.push_back(microseconds(value));
  return list;
}

void put_number(Json& json, const char* key, const std::optional<double>& value) {
  if (value) json[key] = number(*value);
}

/// Packs objects of one kind as lists: the page holds their keys once and not ten thousand times.
class Packer {
 public:
  Json pack(const std::string& kind, const Json& object) {
    std::vector<std::string>& keys = m_keys[kind];
    Json list = Json::array();
    for (const auto& [key, value] : object.items()) {
      const auto known = std::find(keys.begin(), keys.end(), key);
      const auto at = static_cast<std::size_t>(known - keys.begin());
      if (known == keys.end()) keys.push_back(key);
      while (list.size() <= at) list.push_back(nullptr);
      list[at] = value;
    }
    return list;
  }
  const std::map<std::string, std::vector<std::string>>& keys() const { return m_keys; }

 private:
  std::map<std::string, std::vector<std::string>> m_keys;
};

template <class Enum>
int index_of(Enum value) {
  return static_cast<int>(value);
}

Json roofline_data(const Roofline& roofline) {
  Json json{{"bound", index_of(roofline.bound)}, {"pipe_roofs", Json::array()}};
  for (const auto& roof : roofline.pipe_roofs) json["pipe_roofs"].push_back(number(roof));
  if (roofline.pipe) json["pipe"] = index_of(*roofline.pipe);
  put_number(json, "operations", roofline.operations);
  put_number(json, "rate", roofline.operations_per_s);
  put_number(json, "sm_share", roofline.sm_share);
  put_number(json, "hbm_rate", roofline.hbm_bytes_per_s);
  put_number(json, "intensity", roofline.intensity);
  put_number(json, "hbm_roof", roofline.hbm_roof);
  put_number(json, "clock_hz", roofline.clock_hz);
  put_number(json, "l2_share", roofline.l2_share);
  put_number(json, "hbm_share", roofline.hbm_share());
  put_number(json, "pipe_share", roofline.pipe_share());
  put_number(json, "attainable", roofline.attainable());
  return json;
}

/// Returns all samples of both sides in the same equal bins, microseconds; null without samples of
/// the head.
Json samples_data(const Distribution& distribution) {
  constexpr std::size_t bins = 40;
  std::vector<double> all = distribution.head_samples_s;
  if (all.empty()) return nullptr;
  const std::vector<double>& base = distribution.base_samples_s;
  all.insert(all.end(), base.begin(), base.end());
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  const double least = *low;
  const double width = *high > least ? (*high - least) / bins : least / bins;
  const auto counts_of = [&](const std::vector<double>& samples_s) {
    std::vector<int> counts(bins);
    for (const double value : samples_s)
      ++counts[std::min(bins - 1, static_cast<std::size_t>((value - least) / width))];
    return counts;
  };
  Json json{{"low", microseconds(least)},
            {"width", microseconds(width)},
            {"counts", counts_of(distribution.head_samples_s)}};
  if (!base.empty()) json["base_counts"] = counts_of(base);
  return json;
}

/// Empty lists are left out; most lists are empty.
Json distribution_data(const Distribution& distribution, Packer& packer) {
  Json json = Json::object();
  const auto add = [&](const char* key, const std::vector<double>& seconds) {
    if (!seconds.empty()) json[key] = microseconds(seconds);
  };
  add("base", distribution.base_s);
  add("head", distribution.head_s);
  add("rounds_base", distribution.rounds_base_s);
  add("rounds_head", distribution.rounds_head_s);
  for (const Timing& timing : distribution.processes)
    json["quartiles"].push_back({microseconds(timing.q1_s), microseconds(timing.q3_s)});
  if (Json samples = samples_data(distribution); !samples.is_null())
    json["samples"] = packer.pack("samples", samples);
  return packer.pack("distribution", json);
}

/// Collects all launches in one list, so that the page holds a kernel's long name once.
class LaunchTable {
 public:
  /// `limits` is null where those of the GPU are not known: then no occupancy is told.
  explicit LaunchTable(const SmLimits* limits) : m_limits(limits) {}
  Json indices(const std::vector<KernelLaunch>& launches) {
    Json list = Json::array();
    for (const KernelLaunch& launch : launches) list.push_back(index(launch));
    return list;
  }
  Json take() { return std::move(m_json); }

  std::size_t index(const KernelLaunch& launch) {
    const std::string key =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", launch.name, launch.code, dimensions(launch.grid),
                    dimensions(launch.block), launch.registers, launch.shared_bytes);
    const auto [at, fresh] = m_known.emplace(key, m_known.size());
    if (fresh) m_json.push_back(launch_data(launch));
    return at->second;
  }

 private:
  Json launch_data(const KernelLaunch& launch) const {
    Json json{{"name", one_line(launch.name)},
              {"grid", dimensions(launch.grid)},
              {"blocks", number(blocks_of(launch), 12)},
              {"block", dimensions(launch.block)},
              {"registers", launch.registers},
              {"shared_bytes", launch.shared_bytes},
              {"code", launch.code}};
    if (const auto held = m_limits ? residency(launch, *m_limits) : std::nullopt)
      json["held"] = {{"blocks", held->blocks},
                      {"limiter", index_of(held->limiter)},
                      {"allowed", held->allowed},
                      {"occupancy", number(held->occupancy)}};
    return json;
  }

  const SmLimits* m_limits;
  std::map<std::string, std::size_t> m_known;
  Json m_json = Json::array();
};

Json metrics_data(const CaseReport& entry, const std::vector<Metric>& metrics) {
  Json list = Json::array();
  for (const Metric& metric : metrics) {
    const auto found = entry.metrics.find(metric.id);
    if (found == entry.metrics.end()) {
      list.push_back(nullptr);
      continue;
    }
    Json pair{number(found->second.base), number(found->second.head)};
    if (found->second.doubtful) pair.push_back(1);
    list.push_back(std::move(pair));
  }
  return list;
}

Json case_data(const CaseReport& entry, const Report& report, LaunchTable& launches,
               Packer& packer) {
  Json cells{time_cell(entry.head_s), time_cell(entry.base_s), change_cell(entry)};
  for (const MetricColumn& column : metric_columns)
    cells.push_back(metric_cell(report, entry, column));
  Json json{{"group", one_line(entry.group)},
            {"part", one_line(entry.part)},
            {"is_whole", entry.whole_of.empty() ? 0 : 1},
            {"verdict", index_of(entry.verdict())},
            {"why", one_line(entry.why)},
            {"explanation", names_cause(entry) ? one_line(entry.explanation) : ""},
            {"headline", one_line(headline(entry))},
            {"cells", std::move(cells)},
            {"threshold", number(entry.threshold)},
            {"rounds", entry.rounds},
            {"metrics", metrics_data(entry, report.metrics)},
            {"code", index_of(entry.code)},
            {"launches", launches.indices(entry.launches)},
            {"base_launches", launches.indices(entry.base_launches)},
            {"distribution", distribution_data(entry.distribution, packer)}};
  if (!entry.machine_code.empty()) json["machine_code"] = one_line(machine_code_words(entry));
  put_number(json, "bytes", entry.bytes);
  put_number(json, "base_s", entry.base_s);
  put_number(json, "head_s", entry.head_s);
  if (entry.change)
    json["change"] = packer.pack("change", {{"effect", number(entry.change->effect)},
                                            {"lower", number(entry.change->lower)},
                                            {"upper", number(entry.change->upper)},
                                            {"detectable", number(entry.change->detectable)}});
  if (entry.split)
    json["split"] = packer.pack("split", {{"base_s", number(entry.split->base_s)},
                                          {"head_s", number(entry.split->head_s)},
                                          {"instructions", number(entry.split->instructions)},
                                          {"ipc", number(entry.split->ipc)},
                                          {"clock", number(entry.split->clock)},
                                          {"rest", number(entry.split->rest)}});
  const auto add = [&](const char* key, const std::optional<Roofline>& roofline) {
    if (roofline) json[key] = packer.pack("roofline", roofline_data(*roofline));
  };
  if (entry.roofline) json["bound"] = index_of(entry.roofline->bound);
  add("roofline", entry.roofline);
  add("base_roofline", entry.base_roofline);
  return packer.pack("case", json);
}

Json process_data(const ProcessConditions& process) {
  Json json{{"kind", process_kind_id(process.kind)},
            {"side", side_id(process.side)},
            {"round", process.round},
            {"problem", one_line(process.problem)}};
  if (process.sentinels) {
    json["read_bytes_per_s"] = number(process.sentinels->read_bytes_per_s);
    json["fma_flops"] = number(process.sentinels->fma_flops);
  }
  if (!process.conditions) return json;
  const Conditions& conditions = *process.conditions;
  const auto spread = [&](const char* key, const std::optional<Spread>& value) {
    if (value) json[key] = {number(value->min), number(value->median), number(value->max)};
  };
  spread("sm_clock_hz", conditions.sm_clock_hz);
  spread("memory_clock_hz", conditions.memory_clock_hz);
  spread("power_w", conditions.power_w);
  spread("temperature_c", conditions.temperature_c);
  if (conditions.events) json["events"] = event_ids(*conditions.events);
  return json;
}

/// Returns one repetition of a step, kernel by kernel, and the whole step in numbers; microseconds.
Json timeline_data(const StepTimeline& timeline, LaunchTable& launches) {
  const StepSummary summary = summarize(timeline);
  const std::vector<KernelSpan> typical = typical_repetition(timeline);
  const auto launch = [&](std::size_t i) { return launches.index(timeline.launches[i]); };
  Json json{
      {"launching", launching_info(timeline.launching).words},
      {"title", launching_info(timeline.launching).title},
      {"of", summary.of},
      {"shown",
       timeline.all.empty()
           ? fmt::format("repetition {} of a step of median length", typical.front().repetition)
           : fmt::format("the first look's occurrence of median length{}",
                         timeline.not_shown > 0
                             ? fmt::format(", without {} more kernels", timeline.not_shown)
                             : "")},
      {"span", microseconds(summary.span_s)},
      {"busy", microseconds(summary.busy_s)},
      {"kernels", Json::array()},
      {"summary", Json::array()}};
  for (const KernelSpan& span : typical) {
    const double zero_s = typical.front().start_s;
    Json kernel{one_line(timeline.parts[span.part]), launch(span.launch),
                microseconds(span.start_s - zero_s), microseconds(span.end_s - zero_s)};
    if (span.stream) kernel.push_back(*span.stream);
    json["kernels"].push_back(std::move(kernel));
  }
  for (const LaunchSummary& entry : summary.launches)
    json["summary"].push_back({launch(entry.launch), entry.instances, microseconds(entry.total_s),
                               microseconds(entry.mean_s()), microseconds(entry.median_s),
                               microseconds(entry.min_s), microseconds(entry.max_s),
                               number(entry.share)});
  return json;
}

Json verdicts_data(const Report& report) {
  Json list = Json::array();
  for (const VerdictInfo& info : verdicts)
    list.push_back({{"id", info.id},
                    {"mark", info.mark},
                    {"order", info.order},
                    {"count", report.count(info.verdict)}});
  return list;
}

/// Returns the direction in which a metric gets worse; 0: neither.
int worse_sign(Worse worse) {
  return worse == Worse::higher ? 1 : worse == Worse::lower ? -1 : 0;
}

template <class Table, class Text>
Json ids_and_words(const Table& table, Text text, const char* name) {
  Json list = Json::array();
  for (const auto& entry : table) list.push_back({{"id", entry.id}, {name, entry.*text}});
  return list;
}

}  // namespace

Json page_data(const Report& report) {
  Json json{{"verdicts", verdicts_data(report)},
            {"bounds", ids_and_words(bounds, &BoundInfo::words, "words")},
            {"pipes", ids_and_words(pipes, &PipeInfo::title, "title")},
            {"codes", ids_and_words(code_matches, &CodeMatchInfo::words, "words")},
            {"limiters", Json::array()},
            {"sm_count", report.sm_count},
            {"columns", {"us", "base us", "change %"}},
            {"metrics", Json::array()},
            {"notes", Json::array()},
            {"processes", Json::array()},
            {"cases", Json::array()}};
  for (const LimiterInfo& info : limiters) json["limiters"].push_back(info.words);
  for (const MetricColumn& column : metric_columns) json["columns"].push_back(column.title);
  for (const Metric& metric : report.metrics)
    json["metrics"].push_back({{"id", metric.id},
                               {"title", one_line(metric.title)},
                               {"unit", unit_info(metric.unit).people},
                               {"scale", unit_info(metric.unit).people_scale},
                               {"worse", worse_sign(metric.worse)},
                               {"meaning", one_line(metric.meaning)},
                               {"doubt", one_line(metric.doubt)}});
  for (const std::string& note : report.notes) json["notes"].push_back(one_line(note));
  for (const ProcessConditions& process : report.processes)
    json["processes"].push_back(process_data(process));
  LaunchTable launches(find_sm_limits(report.compute_capability));
  Packer packer;
  for (const CaseReport& entry : report.cases)
    json["cases"].push_back(case_data(entry, report, launches, packer));
  json["keys"] = packer.keys();
  json["timelines"] = Json::object();
  for (const StepTimeline& timeline : report.timelines)
    json["timelines"][one_line(timeline.group)].push_back(timeline_data(timeline, launches));
  json["launches"] = launches.take();
  return json;
}

}  // namespace perfgate
