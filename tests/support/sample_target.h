// SPDX-License-Identifier: Apache-2.0
// Where posts go in tests of what is posted.
#pragma once

#include "gate/github/github_event.h"

/// Pull request 7 of octo/hello, whose head is the commit bbbb...
inline perfgate::Target pull_request_target() {
  perfgate::Target target;
  target.api_url = "https://api.github.com";
  target.repository = "octo/hello";
  target.sha = std::string(40, 'b');
  target.pull_request = 7;
  target.run_url = "https://github.com/octo/hello/actions/runs/3";
  return target;
}
