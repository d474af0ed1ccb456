// SPDX-License-Identifier: Apache-2.0
// A folder with configs/, baselines/ and tests/recordings/ of its own, the real perfgate, the fake
// runner and the fake driver: what a black-box test needs.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gate/config/config.h"
#include "gate/os/files.h"
#include "gate/record/record.h"

/// A case that the fake runner's suite has.
inline const std::string o_proj = "llama-2-7b/b1/s1024/fp16/o_proj";

struct Outcome {
  int code = -1;  ///< exit status; 128 + signal when a signal ended it
  std::string out, err;

  /// The last line of stdout.
  std::string last_line() const;
  /// stdout with lines that were broken put together again: what is indented continues.
  std::string flat() const;
};

class Bench {
 public:
  /// One workload of llama-2-7b, three timing processes; an H200; no baseline, no recording.
  Bench();

  /// Runs perfgate in `below`. Throws when a line of its text for people is longer than 100
  /// columns. CI, NO_COLOR and the like are unset unless `env` has them.
  Outcome perfgate(std::vector<std::string> arguments) const;

  std::map<std::string, std::string> env;  ///< for perfgate and the fakes
  /// Of the shell that starts perfgate: commands before it (ulimit), and redirections behind its
  /// own.
  std::string before, redirect;
  std::string below;   ///< below root(); empty: root() itself
  std::string runner;  ///< given as --runner; none when empty
  /// The scripted program (fake_program.cpp), for commands after `--`.
  static std::string program();
  /// The scripted benchmark that times itself (fake_benchmark.cpp).
  static std::string benchmark();

  std::filesystem::path root() const { return m_folder->path(); }
  std::filesystem::path baseline() const { return root() / "baselines" / "h200.toml"; }
  /// Returns the folder of the perfgate that is tested.
  static std::filesystem::path perfgate_folder();
  /// Runs git in a folder below the root, and returns what it prints. Throws when it fails.
  std::string git(std::vector<std::string> arguments, const std::string& repository = "") const;
  /// Edits configs/perfgate.toml; throws when `from` is not in it.
  void change_policy(std::string_view from, std::string_view to) const;

  /// Returns what three timing processes and one counters process would answer, scripted as
  /// fake_process(), of the commit "aaaa...".
  perfgate::RunRecord measured(const std::string& script, int processes = 3) const;
  void make_baseline(const std::string& script = "") const;
  /// Edits the baseline and makes its checksum right again, as if perfgate had written it.
  void change_baseline(std::string_view from, std::string_view to) const;
  /// Writes a run to `name` below the folder, and returns its path.
  std::string save_run(const std::string& name, const std::string& script = "",
                       int processes = 3) const;

  /// Paths below `folder`, sorted.
  std::vector<std::string> files(const std::filesystem::path& folder) const;
  /// Temporary files that perfgate left behind.
  std::vector<std::string> leftovers() const { return files(root() / "tmp"); }
  /// The same, and files under a temporary name that are not in the folder for them.
  std::vector<std::string> strays() const;
  /// Whether this is the name of a file that is written under another name first: NAME.XXXXXX.
  static bool is_temporary(std::string_view name);

 private:
  std::unique_ptr<perfgate::TemporaryDirectory> m_folder;
};

/// The read end of a pipe whose write end only children hold: the end of file on it proves that all
/// of them are gone, without looking at a process table.
class Leash {
 public:
  Leash();
  ~Leash();
  Leash(const Leash&) = delete;
  Leash& operator=(const Leash&) = delete;
  /// Waits for the last holder to go; returns false after 5 s.
  bool all_gone();

 private:
  std::array<int, 2> m_ends{};
};
