// SPDX-License-Identifier: Apache-2.0
// nvbench's JSON, version 1. Every value of a summary is a string there, "inf" among them; the
// samples lie in files of their own, little-endian float32 seconds.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <set>

#include "gate/exchange/importer.h"
#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Which of a state's times is the case's, the best first.
struct TimeSummary {
  std::string_view tag, statistic;
};
constexpr std::array<TimeSummary, 3> time_summaries{{
    {"nv/cold/time/gpu/median", "cold GPU time, the median that nvbench gives"},
    {"nv/cold/time/gpu/mean", "cold GPU time, the mean that nvbench gives"},
    {"nv/batch/time/gpu/mean", "batch GPU time, the mean that nvbench gives"},
}};
constexpr std::string_view samples_tag = "nv/json/bin:nv/cold/sample_times";
constexpr std::string_view samples_statistic = "cold GPU time, interquartile mean of the samples";
constexpr std::string_view rate_tag = "nv/cold/bw/global/bytes_per_second";

struct Summary {
  std::string hint;
  std::map<std::string, std::string> data;
};
using Summaries = std::map<std::string, Summary, std::less<>>;

/// A state while it is read: where it stands, and what the file says of it.
struct State {
  const ForeignFile& file;
  std::string name;  ///< of the case
  Summaries summaries;

  [[noreturn]] void fail(const std::string& why) const {
    throw UsageError(fmt::format("{}: {}: {}", file.name, printable(name), why));
  }
};

std::vector<std::pair<std::string, std::string>> named_values(JsonObject& json,
                                                              const std::string& key) {
  std::vector<std::pair<std::string, std::string>> values;
  if (!json.has(key) || json.any(key).is_null()) return values;
  for (JsonObject& value : json.objects(key)) {
    std::string name = value.string("name");
    values.emplace_back(std::move(name), value.string("value"));
  }
  return values;
}

Summaries read_summaries(JsonObject& state) {
  Summaries summaries;
  if (!state.has("summaries") || state.any("summaries").is_null()) return summaries;
  for (JsonObject& json : state.objects("summaries")) {
    Summary summary;
    summary.hint = json.optional_string("hint").value_or("");
    for (auto& [name, value] : named_values(json, "data"))
      summary.data.emplace(std::move(name), std::move(value));
    summaries.emplace(json.string("tag"), std::move(summary));
  }
  return summaries;
}

/// Returns the number of a summary with this hint, which says its unit; empty: there is none.
std::optional<double> number_of(const State& state, std::string_view tag, std::string_view hint) {
  const auto found = state.summaries.find(tag);
  if (found == state.summaries.end()) return std::nullopt;
  const Summary& summary = found->second;
  if (summary.hint != hint)
    state.fail(fmt::format("{} has the hint '{}', not '{}': its unit is unknown", tag,
                           printable(summary.hint), hint));
  const auto value = summary.data.find("value");
  if (value == summary.data.end()) state.fail(fmt::format("{} has no value", tag));
  const std::string& text = value->second;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    state.fail(fmt::format("{}: '{}' is no number", tag, printable(text)));
  return number;
}

std::vector<double> floats(std::string_view bytes) {
  std::vector<double> values;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 4; ++i)
      word |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    values.push_back(static_cast<double>(std::bit_cast<float>(word)));
  }
  return values;
}

/// Returns the samples of a state; none when the file names none.
std::vector<double> samples_of(const State& state) {
  const auto found = state.summaries.find(samples_tag);
  if (found == state.summaries.end()) return {};
  const auto& data = found->second.data;
  const auto filename = data.find("filename"), size = data.find("size");
  if (filename == data.end() || size == data.end())
    state.fail("nvbench could not write its samples: the disk may have been full");
  std::string bytes;
  try {
    bytes = state.file.beside(filename->second);
  } catch (const UsageError& error) {
    state.fail(
        fmt::format("its samples are missing: {}; keep the folder beside the JSON", error.what()));
  }
  if (fmt::format("{}", bytes.size() / 4) != size->second || bytes.size() % 4 != 0)
    state.fail(fmt::format("{} has {} bytes, not the 4 bytes of each of {} samples",
                           printable(filename->second), bytes.size(), printable(size->second)));
  return floats(bytes);
}

void read_time(const State& state, ImportedCase& entry, bool& without_samples) {
  entry.samples_s = samples_of(state);
  entry.statistic = samples_statistic;
  if (!entry.samples_s.empty()) {
    for (const double sample : entry.samples_s)
      if (!is_duration(sample)) entry.failure = fmt::format("a sample of it is {} s", sample);
    return;
  }
  for (const TimeSummary& summary : time_summaries) {
    const auto seconds = number_of(state, summary.tag, "duration");
    if (!seconds) continue;
    without_samples = true;
    entry.statistic = summary.statistic;
    if (is_duration(*seconds))
      entry.samples_s = {*seconds};
    else
      entry.failure = fmt::format("{} is {}", summary.tag, *seconds);
    return;
  }
  entry.failure = "nvbench gave no GPU time for it";
}

/// Returns the bytes that the benchmark says it moves.
std::optional<double> bytes_of(const State& state) {
  const auto rate = number_of(state, rate_tag, "byte_rate");
  const auto mean = number_of(state, "nv/cold/time/gpu/mean", "duration");
  if (!rate || !mean || !std::isfinite(*rate * *mean) || *rate * *mean < 1) return std::nullopt;
  return std::round(*rate * *mean);
}

GpuFingerprint read_device(JsonObject json) {
  GpuFingerprint gpu;
  gpu.name = json.string("name");
  const int sm = json.small_integer("sm_version", 100, 100000);
  gpu.compute_capability = fmt::format("{}.{}", sm / 100, sm % 100 / 10);
  gpu.sm_count = json.small_integer("number_of_sms", 1, 100000);
  gpu.l2_bytes = json.integer("l2_cache_size", 0, INT64_MAX);
  gpu.memory_bytes = json.integer("global_memory_size", 0, INT64_MAX);
  gpu.ecc = json.optional_boolean("ecc_state");
  return gpu;
}

void require_version(JsonObject& root, const ForeignFile& file) {
  if (!root.has("meta") || !root.has("benchmarks"))
    throw UsageError(fmt::format(
        "{}: no `meta` and `benchmarks`: not what `--json FILE` of an nvbench program writes",
        file.name));
  JsonObject meta = root.object("meta");
  JsonObject version = meta.object("version");
  JsonObject json = version.object("json");
  if (const auto major = json.integer("major", 0, INT64_MAX); major != 1)
    throw UsageError(
        fmt::format("{}: version {} of nvbench's JSON; only 1 is known", file.name, major));
}

ImportedCase read_state(JsonObject& json, const std::string& benchmark, const ForeignFile& file,
                        bool& without_samples) {
  std::string name = name_piece(benchmark);
  for (const auto& [axis, value] : named_values(json, "axis_values"))
    name += '/' + name_piece(fmt::format("{}={}", axis, value));
  ImportedCase entry;
  name_case(entry, name);
  entry.title = clipped(one_line(json.string("name")), 200);
  if (json.boolean("is_skipped")) {
    entry.skipped = one_line(json.optional_string("skip_reason").value_or("no reason given"));
    return entry;
  }
  const State state{file, name, read_summaries(json)};
  read_time(state, entry, without_samples);
  entry.work.dram_bytes = bytes_of(state);
  return entry;
}

}  // namespace

ImportedProcess read_nvbench(const ForeignFile& file, const std::vector<Metric>&) {
  const Json document = parse_json(file.text, file.name);
  JsonObject root(document, file.name);
  require_version(root, file);
  ImportedProcess process;
  std::set<std::int64_t> devices;
  bool without_samples = false;
  for (JsonObject& benchmark : root.objects("benchmarks")) {
    const std::string name = benchmark.string("name");
    if (benchmark.any("states").is_null()) continue;
    for (JsonObject& state : benchmark.objects("states")) {
      devices.insert(state.integer("device", 0, INT32_MAX));
      process.cases.push_back(read_state(state, name, file, without_samples));
    }
  }
  if (devices.size() > 1)
    throw UsageError(fmt::format(
        "{}: states of {} GPUs, and a run is of one: run the program with `--devices 0`", file.name,
        devices.size()));
  for (JsonObject& device : root.objects("devices"))
    if (devices.contains(device.integer("id", 0, INT32_MAX))) process.gpu = read_device(device);
  if (without_samples)
    process.notes.emplace_back(
        "no samples for some cases: nvbench's own median or mean stands for the process; "
        "`--jsonbin FILE` instead of `--json FILE` keeps the samples");
  return process;
}

}  // namespace perfgate
