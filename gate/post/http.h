// SPDX-License-Identifier: Apache-2.0
// HTTP over real sockets. The only place that includes libcurl.
//
// TLS is always verified. Proxies are taken from the environment (https_proxy, HTTPS_PROXY,
// no_proxy), and SSL_CERT_FILE names other certificates than the system's. The token goes to the
// origin that it is for and nowhere else: not to a proxy, and not to the target of a redirect.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "gate/github/http_message.h"

namespace perfgate {

struct HttpLimits {
  double connect_s = 10;
  double total_s = 60;  ///< of one request; a slower one is lost
  std::size_t answer_bytes = std::size_t{32} << 20U;
  int redirects = 5;
};

class HttpClient {
 public:
  /// `token` may be empty. Throws UsageError, which does not show the token, when it can't stand in
  /// a header.
  explicit HttpClient(std::string token, const HttpLimits& limits = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends once and follows redirects of a GET. It does not throw for what the network or the
  /// server does, but throws Interrupted on a signal, unless in_a_hurry() was called.
  HttpAnswer send(const HttpRequest& request);

  /// From now on signals no longer end a request, which may take 5 s at most: what must still be
  /// sent after a signal.
  void in_a_hurry();

  /// Returns `text` without the token, wherever the text came from.
  std::string redacted(const std::string& text) const;

 private:
  HttpAnswer send_once(const HttpRequest& request, bool with_token);

  struct Curl;
  std::unique_ptr<Curl> m_curl;
  std::string m_token;
  HttpLimits m_limits;
  bool m_deaf = false;
};

}  // namespace perfgate
