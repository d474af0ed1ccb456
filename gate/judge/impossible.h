// SPDX-License-Identifier: Apache-2.0
// What no GPU can have measured.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "gate/judge/comparison.h"

namespace perfgate {

/// Returns the bytes that a case moved through memory by its counters; empty: they were not
/// counted.
std::optional<double> counted_bytes(const std::map<std::string, double>& metrics);

/// Returns what of a case's numbers no GPU like this one can do; empty: all of them are possible.
/// Each side is held against its own counters: a change may well move fewer bytes.
std::optional<std::string> impossible(const Comparison& comparison, const Case& planned);

}  // namespace perfgate
