// Where a run and its report go: files, stdout, a log.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gate/cli/cli.h"
#include "gate/record/record.h"
#include "gate/report/report.h"
#include "gate/util/exit_code.h"

namespace perfgate {

/// Writes what `render` gives to the file `to`, "-" being stdout; nothing when `to` is empty.
void put(const std::optional<std::string>& to, const std::function<std::string()>& render);

/// Writes the run record where --output says.
void keep_record(const RunRecord& run, const Options& options);

/// Throws UsageError when --explain names none of the cases `ids`; before anything is measured or
/// written.
void require_explained(const std::vector<std::string>& ids, const Options& options);

/// Prints the report in every format that was asked for.
ExitCode deliver(const Report& report, const Options& options);

}  // namespace perfgate
