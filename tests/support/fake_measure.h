// SPDX-License-Identifier: Apache-2.0
// A measurement made of arithmetic. The scripted fake runner answers with it, and the tests make
// recordings and baselines of it.
#pragma once

#include <string>

#include "gate/record/record.h"

/// Makes one process of `plan`. A duration is bytes / 4 TB/s + 3 us, and moves by at most 0.05 %
/// with `index`, the process's number. `script` is a ';'-separated list of
///   slow:GLOB:FACTOR  scattered:GLOB:FACTOR (slow, by so many sectors a load)  noisy:GLOB
///   wrong:GLOB  nan:GLOB  fails:GLOB  drops:GLOB  kernels:GLOB evil:GLOB  nocounters
perfgate::ProcessRecord fake_process(const perfgate::Plan& plan, perfgate::ProcessKind kind,
                                     int index, const std::string& script);

/// Splits at `separator`; empty parts are left out.
std::vector<std::string> split(const std::string& text, char separator);

/// A text that tries to be a terminal command, a table, a mention, a link and a second verdict
/// line.
extern const char* const evil_text;
