// SPDX-License-Identifier: Apache-2.0
// One session with GitHub's REST API. It sends the right headers, leaves at least a second between
// writes, and tries again as gate/github/retry_policy decides. Transport and clock come in as
// values, so the tests need not wait.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "gate/github/github_requests.h"
#include "gate/github/http_message.h"
#include "gate/github/retry_policy.h"
#include "gate/util/json_object.h"

namespace perfgate {

/// A request that GitHub did not fulfil, in words and without the token.
struct ApiError : std::runtime_error {
  ApiError(const std::string& text, int status_code, bool uncertain)
      : std::runtime_error(text), status(status_code), maybe_done(uncertain) {}
  int status;       ///< 0: no answer
  bool maybe_done;  ///< the request may have taken effect all the same
};

struct Clock {
  std::function<double()> steady_s, unix_s;
  std::function<void(double)> wait;  ///< seconds; throws Interrupted on a signal
};

using Transport = std::function<HttpAnswer(const HttpRequest&)>;

struct ApiAnswer {
  Json json;         ///< null when the body was empty
  std::string link;  ///< the header Link
};

class Api {
 public:
  /// `redact` removes the token from a text.
  Api(Transport transport, Clock clock, const RetryPolicy& policy,
      std::function<std::string(std::string)> redact);

  /// Throws ApiError.
  ApiAnswer call(const Request& request);

 private:
  void pace(const Request& request);

  Transport m_transport;
  Clock m_clock;
  RetryPolicy m_policy;
  std::function<std::string(std::string)> m_redact;
  double m_next_write_s = 0;  ///< on the steady clock
};

/// Returns what is sent for a request, without the token.
HttpRequest http_request(const Request& request);

}  // namespace perfgate
