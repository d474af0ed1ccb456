// SPDX-License-Identifier: Apache-2.0
// What another tool measured, read from its own file: one file is one process of that tool. What is
// not understood is refused by name; no unit is guessed.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/record/gpu_fingerprint.h"
#include "gate/record/kernel_launch.h"
#include "gate/record/metric.h"
#include "gate/record/record.h"

namespace perfgate {

/// A tool's file as the shell read it.
struct ForeignFile {
  std::string name;  ///< for messages
  std::string text;
  /// Reads a file that this one names, relative to its folder. Throws UsageError.
  std::function<std::string(const std::string& path)> beside{};
};

/// One case of a file. Either it has samples, or it says why it has none.
struct ImportedCase {
  std::string group, part, title;
  /// What the tool calls it, where two such names can be one id; else "".
  std::string name{};
  std::vector<double> samples_s;
  /// What a sample is: "cold GPU time, interquartile mean of the samples". Both sides of a
  /// comparison must have the same.
  std::string statistic;
  std::string failure;  ///< why the tool could not measure it
  std::string skipped;  ///< why it did not want to; a case that each file skips is no case
  Work work;
  std::vector<KernelLaunch> launches;     ///< those of one sample; empty: unknown
  std::map<std::string, double> metrics;  ///< metric id -> SI value
};

struct ImportedProcess {
  std::optional<GpuFingerprint> gpu;  ///< absent: the file does not tell
  std::vector<ImportedCase> cases;
  std::vector<Metric> metrics;     ///< those of the cases
  std::vector<std::string> notes;  ///< what the reader must know of the numbers
};

/// A tool whose files are read. `metrics` are those of configs/metrics.toml, which a tool's
/// counters are matched with by the counters' names.
struct Importer {
  std::string_view id, title;
  ImportedProcess (*read)(const ForeignFile& file, const std::vector<Metric>& metrics);
};

/// The JSON of `--json`, with the sample files of `--jsonbin`.
ImportedProcess read_nvbench(const ForeignFile& file, const std::vector<Metric>& metrics);
/// The JSON of `--benchmark_out`.
ImportedProcess read_google_benchmark(const ForeignFile& file, const std::vector<Metric>& metrics);
/// The CSV of `--csv`, with or without `--page raw`.
ImportedProcess read_ncu(const ForeignFile& file, const std::vector<Metric>& metrics);
/// The database of `nsys export --type sqlite`.
ImportedProcess read_nsys(const ForeignFile& file, const std::vector<Metric>& metrics);

inline constexpr std::array<Importer, 4> importers{{
    {"nvbench", "nvbench --json FILE or --jsonbin FILE", read_nvbench},
    {"google-benchmark", "--benchmark_out=FILE --benchmark_out_format=json", read_google_benchmark},
    {"ncu", "ncu --csv, with or without --page raw", read_ncu},
    {"nsys", "nsys export --type sqlite", read_nsys},
}};

/// Splits "copy/T=F32/N=1024" into the group "copy/T=F32" and the part "N=1024"; a name without a
/// slash is a group with one part, "time".
void name_case(ImportedCase& entry, const std::string& name);

/// Makes a piece of a case's name of what a tool calls it.
std::string name_piece(std::string_view text);

/// Whether a record can hold this duration of work on a GPU.
bool is_duration(double seconds);

}  // namespace perfgate
