// The command line as a value. The only place that includes CLI11.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/decode/layer_model.h"
#include "gate/github/post_target.h"

namespace perfgate {

enum class Command {
  check,
  run,
  compare,
  ab,
  qualify,
  baseline_refresh,
  baseline_show,
  baseline_diff,
  baseline_lint,
  list,
  metrics,
  doctor,
  publish,
  merge
};
enum class ColorWhen { automatic, always, never };

struct Options {
  Command command = Command::check;
  std::string gpu = "auto";
  std::vector<std::string> only;
  bool own_board = false;            ///< baseline refresh: into a file of this board's own
  std::vector<std::string> explain;  ///< globs of the cases whose evidence is printed
  bool quiet = false;
  ColorWhen color = ColorWhen::automatic;
  std::optional<std::string> config, runner, baseline, replay;
  std::optional<std::string> baseline_ref;                        ///< a commit, as git takes it
  std::optional<std::string> json, markdown, junit, html, trace;  ///< "-" is stdout
  std::optional<std::string> output;                              ///< where the run record goes
  bool no_raw = false;  ///< the record without the single samples
  std::optional<int> processes;
  bool lock_clocks = false;
  std::optional<GemmBackend> backend;      ///< of the GEMM stages; empty: the config's
  bool thorough = false;                   ///< a screen that flags more
  std::optional<std::string> base_runner;  ///< of ab, and of check's confirmation
  std::optional<int> rounds;               ///< of ab and qualify, at most
  std::optional<double> slow_percent;      ///< of qualify: what is planted
  std::vector<std::string> stages;         ///< of qualify: where
  std::string run_file;                    ///< of compare
  std::optional<std::string> against;      ///< a run record or a baseline file
  std::vector<std::string> files;  ///< of baseline show, diff, lint; of publish, merge: results
  std::vector<std::string> accept, why;     ///< of baseline refresh: cases, and a text for each
  std::string chip;                         ///< of metrics
  std::optional<std::string> metric_set;    ///< of metrics; else the config's
  std::vector<Place> post;                  ///< of check and publish
  bool require_post = false;                ///< what is not posted makes exit code 3
  bool dry_run = false;                     ///< of publish: print the requests
  std::optional<std::string> post_name;     ///< of check run, status and comment
  std::optional<std::string> artifact_url;  ///< that the posts link to
  std::string command_line;                 ///< as typed, for provenance
};

struct ParsedCli {
  std::optional<Options> options;  ///< empty: `text` was asked for (--help, --version)
  std::string text;
};

/// Throws UsageError with one sentence and where to look.
ParsedCli parse_cli(int argc, const char* const* argv);

}  // namespace perfgate
