// SPDX-License-Identifier: Apache-2.0
// Decides whether and when a request to GitHub's API is tried again, as its documentation asks for
// ("Best practices for using the REST API", "Rate limits for the REST API"). It is pure: the time
// comes in as a value.
#pragma once

#include <optional>

#include "gate/github/http_message.h"

namespace perfgate {

/// What happens when a request is sent although an earlier try of it may have arrived.
enum class Repeat {
  harmless,  ///< the same thing is read, or set, once more
  doubles,   ///< a second thing is made
};

struct RetryPolicy {
  int attempts = 4;               ///< in all
  double first_wait_s = 1;        ///< doubles from try to try
  double secondary_limit_s = 60;  ///< the least wait when GitHub gives none
  double longest_wait_s = 300;    ///< a request that has to wait longer is given up
  double between_writes_s = 1;    ///< GitHub's minimum between requests that change something
};

/// Returns the seconds until the next try after try number `attempt` (1, 2, ...) was answered like
/// this; empty when the answer is final. `unix_s` is now.
std::optional<double> wait_before_retry(const HttpAnswer& answer, Repeat repeat, int attempt,
                                        double unix_s, const RetryPolicy& policy);

/// Whether the answer says that too many requests were made, not that this one is not allowed.
bool is_rate_limited(const HttpAnswer& answer);

}  // namespace perfgate
