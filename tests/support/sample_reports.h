// Reports that several printers are tried on.
#pragma once

#include <cstddef>

#include "gate/report/report.h"

/// One row for each reason; numbers where such a case has them.
perfgate::Report every_reason();

/// So many cases that passed, with `regressed` of them slower by 12 %: the last ones.
perfgate::Report many_cases(std::size_t cases, std::size_t regressed);
