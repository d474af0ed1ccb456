// SPDX-License-Identifier: Apache-2.0
// Writes a run and its report to files, stdout or a log.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gate/cli/options.h"
#include "gate/record/record.h"
#include "gate/report/report.h"
#include "gate/util/color.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Writes the text from `render` to the file `to`, "-" being stdout; does nothing if `to` is empty.
void put(const std::optional<std::string>& to, const std::function<std::string()>& render);

/// Writes the run record to the file of --output.
void keep_record(const RunRecord& run, const RecordOptions& record);

/// Throws UsageError when --explain names none of the cases `ids`; called before anything is
/// measured or written.
void require_explained(const std::vector<std::string>& ids, const std::vector<std::string>& globs);

/// Whether `file` is the step summary of GitHub Actions, which other tools of a step write to, too.
bool is_step_summary(const std::string& file);

/// What could not be written. It never swallows the verdict.
class Unwritten {
 public:
  /// Runs `write`; what it throws is remembered.
  void attempt(const std::function<void()>& write);
  /// Prints what was not written to stderr. Returns the exit code: the verdict's, but 3 for a pass.
  ExitCode exit_code(ExitCode verdict) const;

 private:
  std::vector<std::string> m_why;
};

/// Writes the report in every requested format.
void write_reports(const Report& report, const ReportOptions& reports, Unwritten& unwritten);

/// Options of the text for people, which is printed beside the formats.
struct LogText {
  bool quiet = false;
  TextOptions text = {};
  std::vector<std::string> explain = {};  ///< globs of the cases whose evidence is printed
  bool annotations = false;               ///< lines that GitHub Actions shows beside the change
  bool stdout_taken = false;  ///< the text goes to stderr: stdout has other output than a report
};

/// Writes the reports and prints the text; the verdict comes last. Returns the verdict's exit code,
/// or 3 for a pass of which something, or what is in `unwritten` already, could not be written.
ExitCode deliver(const Report& report, const ReportOptions& reports, const LogText& text,
                 Unwritten unwritten = {});

}  // namespace perfgate
