// SPDX-License-Identifier: Apache-2.0
// The options that several commands share, in groups. A group is a struct, and a function that adds
// its options and their checks to a command's parser. A command has only the groups that have a
// meaning for it, so an option without a meaning is refused as unknown.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gate/cli/command_parser.h"
#include "gate/decode/layer_model.h"
#include "gate/post/post_options.h"
#include "gate/report/formats.h"
#include "gate/util/color.h"

namespace perfgate {

struct ProjectOptions {
  std::optional<std::string> config;
};
void add_project(CommandParser& parser, ProjectOptions& project);

struct GpuOptions {
  std::string id = "auto";
};
void add_gpu(CommandParser& parser, GpuOptions& gpu);

struct SelectOptions {
  std::vector<std::string> only;  ///< globs of case ids; none: all
};
void add_select(CommandParser& parser, SelectOptions& select);

/// Options that replace the config's values.
struct PolicyOptions {
  std::optional<GemmBackend> backend;
  bool thorough = false;  ///< the screen flags more
};
void add_backend(CommandParser& parser, PolicyOptions& policy);
void add_thorough(CommandParser& parser, PolicyOptions& policy);

void add_runner(CommandParser& parser, std::optional<std::string>& runner);
void add_lock_clocks(CommandParser& parser, bool& lock_clocks);
void add_quiet(CommandParser& parser, bool& quiet);

/// Where the run record is kept.
struct RecordOptions {
  std::optional<std::string> file;
  bool no_raw = false;  ///< leave the single samples out
};

/// The options of every command that measures.
struct MeasuringOptions {
  ProjectOptions project;
  GpuOptions gpu;
  SelectOptions select;
  PolicyOptions policy;
  std::optional<std::string> runner;
  bool lock_clocks = false;
  RecordOptions record;
  bool quiet = false;
  std::string command_line;  ///< as typed, for the record
};
/// Adds all of them except --runner and --thorough, which not every such command has.
void add_measuring(CommandParser& parser, MeasuringOptions& measuring);

/// The source of a run: fresh processes, or a record.
struct RunSource {
  std::optional<int> processes;
  std::optional<std::string> replay;
};
/// `measuring` is what --replay excludes: the options that only a measurement takes.
void add_run_source(CommandParser& parser, RunSource& source, const MeasuringOptions& measuring);
/// Refuses an option beside --replay, because nothing is measured then.
void refuse_with_replay(bool replayed, bool given, std::string_view option);
/// Refuses the options that only a measurement takes.
void refuse_measuring_with_replay(bool replayed, const MeasuringOptions& measuring);

/// The baseline to use; without either option: the GPU's.
struct BaselineOptions {
  std::optional<std::string> file;
  std::optional<std::string> ref;  ///< a commit, as git takes it
};
void add_baseline_file(CommandParser& parser, BaselineOptions& baseline);
void add_baseline_ref(CommandParser& parser, BaselineOptions& baseline);

/// A requested report: a row of the formats and its file.
struct ReportFile {
  const Format* format = nullptr;
  std::optional<std::string> to;  ///< "-" is stdout
};

struct ReportOptions {
  std::vector<ReportFile> files;   ///< a row for each format that the command can write
  std::string on_stdout = "text";  ///< a format's id instead of the text for people

  bool to_stdout() const;
  bool asked_for(FormatNeeds needs) const;  ///< any format with these needs
  /// Returns (format, file) for each report that goes to a file.
  std::vector<std::pair<std::string, std::string>> written() const;
};
/// Adds the formats that can be made of what the command `has`. When it has only a result, the
/// others are refused with the command that can make them. `table` must outlive the parser.
void add_reports(CommandParser& parser, ReportOptions& reports, FormatNeeds has,
                 std::span<const Format> table = formats);

/// How the report is printed for people.
struct TextOptions {
  bool all = false;  ///< every case with its counters; wins over --quiet
  ColorWhen color = ColorWhen::automatic;
};
void add_text(CommandParser& parser, TextOptions& text);
/// Adds globs of the cases whose evidence is printed.
void add_explain(CommandParser& parser, std::vector<std::string>& explain);

void add_post(CommandParser& parser, PostOptions& post);

}  // namespace perfgate
