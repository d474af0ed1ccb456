// SPDX-License-Identifier: Apache-2.0
// What a command wants posted.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gate/github/github_requests.h"
#include "gate/github/post_target.h"

namespace perfgate {

struct PostOptions {
  std::vector<Place> places;
  bool require = false;                 ///< a post that fails makes exit code 3
  std::string name{default_post_name};  ///< of the check run, the status and the comment
  std::string artifact_url;             ///< that the posts link to; "": none
  /// The reports that were written (format, file), for the step's outputs.
  std::vector<std::pair<std::string, std::string>> written;

  bool wants(Place place) const;
  /// True when a place can be reached only through GitHub's API.
  bool needs_api() const;
};

}  // namespace perfgate
