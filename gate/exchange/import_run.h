// SPDX-License-Identifier: Apache-2.0
// The files of a tool as one run record, which every other command takes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/exchange/importer.h"
#include "gate/record/record.h"

namespace perfgate {

/// The source of an imported run is "import TOOL".
std::string import_source_id(std::string_view tool);

/// Plans the cases of these files under `source`, and what their numbers are as its settings: each
/// case that some file measured or failed at, in the order of its first file. Returns what the
/// reader must know. Throws UsageError when the files hold nothing, or two cases of one name.
std::vector<std::string> plan_imported(Plan& plan, Source source,
                                       const std::vector<ForeignFile>& files,
                                       const std::vector<ImportedProcess>& processes);

/// Returns one file's processes: its timing, with a failure for each planned case that it lacks,
/// and its counters where it has some. Throws UsageError for two cases of one name.
std::vector<ProcessRecord> imported_processes(const ImportedProcess& imported, const Plan& plan,
                                              const std::string& file);

/// Adds plan and processes to `run`, which has its provenance: one process for each file, in
/// order. `run.gpu` is what the user said, or absent; the files' own wins, and throws UsageError
/// where two files disagree. Returns what the reader must know. Throws UsageError when the files
/// hold nothing, or two cases of one name.
std::vector<std::string> add_imported(RunRecord& run, std::string_view tool,
                                      const std::vector<ForeignFile>& files,
                                      const std::vector<ImportedProcess>& processes);

}  // namespace perfgate
