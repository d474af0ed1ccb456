// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nvbench_file.h"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <numeric>

#include "gate/os/files.h"
#include "gate/util/json_object.h"

using perfgate::Json;

namespace {

Json value(const std::string& name, const std::string& type, const std::string& text) {
  return {{"name", name}, {"type", type}, {"value", text}};
}

Json summary(const std::string& tag, const std::string& hint, const std::string& text) {
  return {{"tag", tag},
          {"name", tag},
          {"hint", hint},
          {"description", "..."},
          {"data", Json::array({value("value", "float64", text)})}};
}

Json summaries_of(const NvbenchState& state, const std::string& samples_file) {
  const double sum = std::accumulate(state.samples_s.begin(), state.samples_s.end(), 0.0);
  const double mean = sum / static_cast<double>(state.samples_s.size());
  Json all = Json::array();
  all.push_back(
      summary("nv/cold/sample_size", "sample_size", fmt::to_string(state.samples_s.size())));
  all.push_back(summary("nv/cold/time/cpu/mean", "duration", fmt::to_string(mean * 1.5)));
  all.push_back(summary("nv/cold/time/gpu/mean", "duration", fmt::to_string(mean)));
  all.push_back(summary("nv/cold/time/gpu/stdev/relative", "percentage", "inf"));
  all.push_back(
      summary("nv/cold/bw/global/bytes_per_second", "byte_rate", fmt::to_string(1e6 / mean)));
  all.push_back(summary("nv/batch/time/gpu/mean", "duration", fmt::to_string(mean * 0.9)));
  if (!samples_file.empty())
    all.push_back(
        {{"tag", "nv/json/bin:nv/cold/sample_times"},
         {"name", "Sample Times File"},
         {"hint", "file/sample_times"},
         {"hide", "Not needed in table."},
         {"data", Json::array({value("filename", "string", samples_file),
                               value("size", "int64", fmt::to_string(state.samples_s.size()))})}});
  return all;
}

Json state_json(const NvbenchState& state, const std::string& samples_file) {
  Json json{{"name", state.axis.empty() ? "Device=0" : "Device=0 N=" + state.axis},
            {"min_samples", 10},
            {"timeout", 15.0},
            {"device", 0},
            {"type_config_index", 0}};
  json["axis_values"] =
      state.axis.empty() ? Json() : Json::array({value("N", "int64", state.axis)});
  json["summaries"] = state.skip_reason.empty() ? summaries_of(state, samples_file) : Json();
  json["is_skipped"] = !state.skip_reason.empty();
  if (!state.skip_reason.empty()) json["skip_reason"] = state.skip_reason;
  return json;
}

}  // namespace

std::string nvbench_json(const std::vector<NvbenchBenchmark>& benchmarks, const std::string& name,
                         bool samples) {
  Json root;
  root["meta"] = {{"argv", {"bench", "--jsonbin", name}},
                  {"version", {{"json", {{"major", 1}, {"minor", 0}, {"patch", 0}}}}}};
  root["devices"] = Json::array({{{"id", 0},
                                  {"name", "NVIDIA H200"},
                                  {"sm_version", 900},
                                  {"number_of_sms", 132},
                                  {"global_memory_size", 150754820096},
                                  {"l2_cache_size", 62914560},
                                  {"ecc_state", true}}});
  root["benchmarks"] = Json::array();
  int number = 0;
  for (const NvbenchBenchmark& benchmark : benchmarks) {
    Json states = Json::array();
    for (const NvbenchState& state : benchmark.states) {
      const bool ran = state.skip_reason.empty();
      states.push_back(state_json(
          state, ran && samples ? fmt::format("{}-bin/{}.bin", name, number) : std::string()));
      number += ran;
    }
    root["benchmarks"].push_back({{"name", benchmark.name},
                                  {"index", 0},
                                  {"devices", {0}},
                                  {"axes", Json()},
                                  {"states", states}});
  }
  return root.dump(2) + "\n";
}

std::string nvbench_samples(const std::vector<float>& samples_s) {
  std::string bytes;
  for (const float sample : samples_s) {
    const auto word = std::bit_cast<std::uint32_t>(sample);
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes += static_cast<char>((word >> shift) & 0xFFU);
  }
  return bytes;
}

void write_nvbench(const std::filesystem::path& file,
                   const std::vector<NvbenchBenchmark>& benchmarks) {
  const std::string name = file.filename().string();
  perfgate::write_file(file, nvbench_json(benchmarks, name));
  const std::filesystem::path folder = file.string() + "-bin";
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const NvbenchBenchmark& benchmark : benchmarks)
    for (const NvbenchState& state : benchmark.states)
      if (state.skip_reason.empty())
        perfgate::write_file(folder / fmt::format("{}.bin", number++),
                             nvbench_samples(state.samples_s));
}
