// SPDX-License-Identifier: Apache-2.0
// Where the annotations of a case belong: the kernel's line in the files of a [[where]] of the
// project's configuration, else the line of the configuration that asks for the case.
#pragma once

#include "gate/cli/project.h"
#include "gate/report/report.h"

namespace perfgate {

/// Adds the places to the cases that get an annotation; none where there is no project. A [[where]]
/// whose files are not there is a note.
void add_source_places(Report& report, const Project& project, const Config& config);

}  // namespace perfgate
