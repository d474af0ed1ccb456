// SPDX-License-Identifier: Apache-2.0
// Reports that several printers are tried on.
#pragma once

#include <cstddef>

#include "gate/report/report.h"

/// A report with one row for each reason, with numbers where such a case has them.
perfgate::Report every_reason();

/// A report of `cases` cases that passed, but the last `regressed` of them are slower by 12 %.
perfgate::Report many_cases(std::size_t cases, std::size_t regressed);
