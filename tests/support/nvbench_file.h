// SPDX-License-Identifier: Apache-2.0
// Writes files in the shape of nvbench's JSON (version 1.0.0) and its sample files: the keys are
// those of nvbench's json_printer, the numbers are the test's own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

struct NvbenchState {
  std::string axis;  ///< the value of the axis "N"; "": no axes
  std::vector<float> samples_s;
  std::string skip_reason;  ///< "": it ran
};

struct NvbenchBenchmark {
  std::string name;
  std::vector<NvbenchState> states;
};

/// Returns the JSON; with `samples`, states name sample files "NAME-bin/0.bin", "NAME-bin/1.bin"
/// ...
std::string nvbench_json(const std::vector<NvbenchBenchmark>& benchmarks, const std::string& name,
                         bool samples = true);

/// Returns the sample file of a state.
std::string nvbench_samples(const std::vector<float>& samples_s);

/// Writes the JSON and its sample files.
void write_nvbench(const std::filesystem::path& file,
                   const std::vector<NvbenchBenchmark>& benchmarks);
