// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/runner_refusal.h"

#include <fmt/format.h>

#include "gate/util/error.h"
#include "gate/util/exit_code.h"
#include "gate/util/text.h"

namespace perfgate {

void pass_on_refusal(const ChildResult& runner, std::string_view whose) {
  if (runner.signal || runner.exit_status != static_cast<int>(ExitCode::usage)) return;
  constexpr std::string_view prefix = "perfgate-runner: error: ";
  const std::string said = last_line(runner.log);
  if (said.starts_with(prefix))
    throw UsageError(fmt::format("{}{}", whose, said.substr(prefix.size())));
}

}  // namespace perfgate
