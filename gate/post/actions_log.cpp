// SPDX-License-Identifier: Apache-2.0
#include "gate/post/actions_log.h"

#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "gate/github/workflow_commands.h"

namespace perfgate {

std::string for_actions_log(std::string_view text) {
  const char* actions = std::getenv("GITHUB_ACTIONS");
  if (!actions || std::string_view(actions) != "true") return std::string(text);
  std::random_device random;
  return fenced(text,
                fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random()));
}

}  // namespace perfgate
