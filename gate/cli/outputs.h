// Where a run and its report go: files, stdout, a log.
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

/// Writes what `render` gives to the file `to`, "-" being stdout; nothing when `to` is empty.
void put(const std::optional<std::string>& to, const std::function<std::string()>& render);

/// Writes the run record where --output says.
void keep_record(const RunRecord& run, const RecordOptions& record);

/// Throws UsageError when --explain names none of the cases `ids`; before anything is measured or
/// written.
void require_explained(const std::vector<std::string>& ids, const std::vector<std::string>& globs);

/// Writes the report in every format that was asked for.
void write_reports(const Report& report, const ReportOptions& reports);

/// The text for people, beside the formats.
struct LogText {
  bool quiet = false;
  ColorWhen color = ColorWhen::automatic;
  std::vector<std::string> explain = {};  ///< globs of the cases whose evidence is printed
  bool annotations = false;               ///< lines that GitHub Actions shows beside the change
  bool stdout_taken = false;              ///< by something else than a report: it goes to stderr
};

/// Writes the reports and prints the text, the verdict last.
ExitCode deliver(const Report& report, const ReportOptions& reports, const LogText& text);

}  // namespace perfgate
