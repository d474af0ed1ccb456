// SPDX-License-Identifier: Apache-2.0
#include "gate/util/id_table.h"

#include <fmt/format.h>

#include "gate/util/text.h"

namespace perfgate {

std::string unknown_id(std::string_view id, const std::vector<std::string>& known) {
  const std::string shown = clipped(valid_utf8(id), 100);
  return fmt::format("unknown '{}'{}; known: {}", one_line(shown), did_you_mean(shown, known),
                     join(known));
}

}  // namespace perfgate
