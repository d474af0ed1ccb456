// SPDX-License-Identifier: Apache-2.0
// A benchmark without a GPU, for the black-box tests of programs that time themselves: it writes
// what an nvbench program writes with --jsonbin FILE, and a google-benchmark one with
// --benchmark_out=FILE. Its other arguments are behaviours:
//   slow:FACTOR (the case copy/N=16)  means (no samples)  skipped (the case reduce)  dropped (it)
//   more (a case besides)  other-gpu  nothing (no file)  empty  half (of the file)  fails  evil
//   injected (fails where an injection library is asked for)
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "gate/os/files.h"
#include "gate/util/json_object.h"
#include "tests/support/fake_measure.h"
#include "tests/support/nvbench_file.h"

using namespace perfgate;

namespace {

std::map<std::string, std::string> asked;

bool is(const char* behaviour) {
  return asked.contains(behaviour);
}

/// Samples around `us`; a process's number moves them by at most 0.07 %, and no two
/// that follow each other alike.
std::vector<float> samples(double us) {
  std::vector<float> out;
  const double process = 1 + 1e-4 * (getpid() % 7) + 1e-7 * (getpid() % 907);
  for (int i = 0; i < 40; ++i)
    out.push_back(static_cast<float>(us * 1e-6 * process * (1 + 0.001 * (i % 5))));
  return out;
}

std::vector<NvbenchBenchmark> measured() {
  const double factor = is("slow") ? std::atof(asked["slow"].c_str()) : 1;
  std::vector<NvbenchBenchmark> all{{is("evil") ? evil_text : "copy",
                                     {{"16", samples(50 * factor), ""}, {"17", samples(90), ""}}}};
  if (!is("dropped"))
    all.push_back({"reduce", {{"", samples(30), is("skipped") ? "not on this GPU" : ""}}});
  if (is("more")) all.push_back({"scan", {{"", samples(20), ""}}});
  return all;
}

/// The same as google-benchmark's JSON: a row a sample.
std::string google_benchmark_json() {
  Json rows = Json::array();
  for (const NvbenchBenchmark& benchmark : measured())
    for (const NvbenchState& state : benchmark.states) {
      const std::string name = fmt::format("{}/{}/manual_time", benchmark.name, state.axis);
      for (std::size_t i = 0; i < state.samples_s.size(); ++i)
        rows.push_back({{"name", name},
                        {"run_name", name},
                        {"run_type", "iteration"},
                        {"repetition_index", i},
                        {"iterations", 1},
                        {"real_time", state.samples_s[i] * 1e6},
                        {"time_unit", "us"}});
    }
  return json_text({{"context", {{"date", "2025-01-02T03:04:05+00:00"}}}, {"benchmarks", rows}});
}

void write_measured(const std::string& file, bool nvbench) {
  if (nvbench && !is("means"))
    write_nvbench(file, measured());
  else
    write_file(file, nvbench ? nvbench_json(measured(), "", false) : google_benchmark_json());
  std::string text = read_file(file);
  if (is("other-gpu")) text.replace(text.find("NVIDIA H200"), 11, "NVIDIA H100");
  if (is("half")) text.resize(text.size() / 2);
  if (is("empty")) text.clear();
  write_file(file, text);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string out_option = "--benchmark_out=";
  std::string nvbench, google;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--jsonbin" && i + 1 < argc) {
      nvbench = argv[++i];
    } else if (word.starts_with(out_option)) {
      google = word.substr(out_option.size());
    } else if (!word.starts_with("--benchmark_")) {
      const auto words = split(word, ':');
      asked[words[0]] = words.size() > 1 ? words[1] : "";
    }
  }
  if (is("injected") && std::getenv("CUDA_INJECTION64_PATH")) return 4;
  if (is("fails")) {
    std::fputs("running copy\ncudaErrorIllegalAddress: an illegal memory access\n", stderr);
    return 3;
  }
  if (is("nothing")) return 0;
  if (!nvbench.empty()) write_measured(nvbench, true);
  if (!google.empty()) write_measured(google, false);
  return 0;
}
