// SPDX-License-Identifier: Apache-2.0
// A record as text, and why a text that was changed is refused.
#pragma once

#include <string>
#include <string_view>

#include "gate/record/record.h"
#include "gate/util/error.h"
#include "tests/support/support.h"

inline std::string text_of(const perfgate::RunRecord& run) {
  return perfgate::write_record(run, perfgate::RawSamples::keep);
}

/// Returns why the record is refused once `from` is `to` in its text.
inline std::string refusal_of(const perfgate::RunRecord& run, std::string_view from,
                              std::string_view to) {
  const std::string text = replaced(text_of(run), from, to);
  return error_of<perfgate::UsageError>([&] { perfgate::read_record(text, "r.json"); });
}
