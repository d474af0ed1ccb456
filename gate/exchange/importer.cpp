// SPDX-License-Identifier: Apache-2.0
#include "gate/exchange/importer.h"

#include <cmath>

#include "gate/program/case_text.h"
#include "gate/record/case_name.h"

namespace perfgate {

void name_case(ImportedCase& entry, const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const bool split = slash != std::string::npos && slash > 0 && slash + 1 < name.size();
  entry.group = split ? name.substr(0, slash) : name;
  entry.part = split ? name.substr(slash + 1) : "time";
}

std::string name_piece(std::string_view text) {
  return case_text(text, longest_case_id / 4);
}

bool is_duration(double seconds) {
  return std::isfinite(seconds) && seconds >= 1e-9 && seconds <= 1e6;
}

}  // namespace perfgate
