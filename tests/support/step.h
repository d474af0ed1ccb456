// SPDX-License-Identifier: Apache-2.0
// A step of a pull request's workflow: a workspace with results, and a server that behaves like
// GitHub's API.
#pragma once

#include <string>
#include <vector>

#include "tests/support/bench.h"
#include "tests/support/fake_github.h"

inline const std::string planted_token = "planted-token-5f3a";
inline const std::string head_sha(40, 'b'), merge_sha(40, 'a');
inline const std::string repository = "/repos/octo/hello";

class Step {
 public:
  Bench bench;
  FakeGithub github;

  /// result.json has one regressed case, pass.json none.
  Step();

  /// Puts this payload in the place of the pull request's.
  void event(const std::string& payload);

  Outcome publish(std::vector<std::string> more = {});
  /// Publishes a result that passed, so that nothing but the post can change the exit code.
  Outcome publish_pass(const std::string& places);

  /// Returns where the token stands: "stdout", "stderr", files of the workspace. It should be
  /// nowhere.
  std::vector<std::string> token_places(const Outcome& outcome) const;
};
