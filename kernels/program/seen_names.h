// SPDX-License-Identifier: Apache-2.0
// The ranges that a program has, whether a filter matches them or not: what is told to a user whose
// filter matches none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gate/program/observation.h"

namespace perfgate {

/// Names that differ in numbers alone are occurrences of one range: "my_decode_3_5" is
/// "my_decode_#_#".
std::string without_numbers(std::string_view name);

class SeenNames {
 public:
  void note(std::string_view domain, std::string_view name);
  void add(const SeenNames& others);
  void append_to(std::vector<RangeCount>& ranges, bool start_end) const;

 private:
  struct Seen {
    std::string name;  ///< the first one
    std::int64_t count = 0;
  };
  std::map<std::pair<std::string, std::string>, Seen> m_seen;  ///< by domain and without_numbers()
};

}  // namespace perfgate
