// SPDX-License-Identifier: Apache-2.0
#include "gate/post/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "gate/github/github_event.h"
#include "gate/os/interrupt.h"
#include "gate/util/error.h"
#include "gate/util/text.h"
#include "gate/util/version.h"

namespace perfgate {

struct HttpClient::Curl {
  CURL* handle = curl_easy_init();
  CURLM* multi = curl_multi_init();  // keeps the connections, and can be waited for beside signals
  Curl() {
    if (!handle || !multi) throw NoVerdict("libcurl can't be initialised");
  }
  ~Curl() {
    curl_easy_cleanup(handle);
    curl_multi_cleanup(multi);
  }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    if (const CURLcode code = curl_easy_setopt(handle, option, value); code != CURLE_OK)
      throw NoVerdict(fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                                  curl_easy_strerror(code)));
  }

  /// Does the transfer that was set. Throws Interrupted on a signal if `heed_signals`.
  CURLcode perform(bool heed_signals) {
    struct Added {
      Curl& curl;
      explicit Added(Curl& to) : curl(to) { curl_multi_add_handle(curl.multi, curl.handle); }
      ~Added() { curl_multi_remove_handle(curl.multi, curl.handle); }
      Added(const Added&) = delete;
      Added& operator=(const Added&) = delete;
    } added(*this);
    constexpr int look_again_ms = 1000;
    for (int running = 1; running > 0;) {
      if (heed_signals) throw_if_interrupted();
      if (curl_multi_perform(multi, &running) != CURLM_OK) return CURLE_FAILED_INIT;
      if (running == 0) break;
      curl_waitfd signals{interrupt_descriptor(), CURL_WAIT_POLLIN, 0};
      const bool watch = heed_signals && signals.fd >= 0;
      curl_multi_poll(multi, watch ? &signals : nullptr, watch ? 1 : 0, look_again_ms, nullptr);
    }
    int left = 0;
    for (const CURLMsg* message; (message = curl_multi_info_read(multi, &left));)
      if (message->msg == CURLMSG_DONE) return message->data.result;
    return CURLE_FAILED_INIT;
  }
};

namespace {

class HeaderList {
 public:
  HeaderList() = default;
  ~HeaderList() { curl_slist_free_all(m_list); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(m_list, line.c_str());
    if (!longer) throw std::bad_alloc();
    m_list = longer;
  }
  curl_slist* get() const { return m_list; }

 private:
  curl_slist* m_list = nullptr;
};

/// The answer that the callbacks fill.
struct Received {
  HttpAnswer answer;
  std::size_t limit = 0, header_bytes = 0;
  bool too_long = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
  auto& received = *static_cast<Received*>(to);
  const std::size_t bytes = size * count;
  if (received.answer.body.size() + bytes > received.limit) {
    received.too_long = true;
    return 0;  // ends the transfer
  }
  received.answer.body.append(data, bytes);
  return bytes;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
  constexpr std::size_t most = std::size_t{256} << 10U;
  auto& received = *static_cast<Received*>(to);
  const std::string_view line(data, size * count);
  received.header_bytes += line.size();
  if (received.header_bytes > most) {
    received.too_long = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    received.answer.headers.clear();  // of the proxy, or of a "100 Continue"
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    received.answer.headers[lower(std::string(line.substr(0, colon)))] =
        trimmed(line.substr(colon + 1));
  }
  return line.size();
}

Lost lost_by(CURLcode code, const Received& received, CURL* handle) {
  if (received.too_long) return Lost::refused;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return Lost::not_sent;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return Lost::refused;
    case CURLE_OPERATION_TIMEDOUT: {
      // A request that could not be written yet had no effect.
      curl_off_t ready_us = 0;
      curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
      return ready_us > 0 ? Lost::maybe_done : Lost::not_sent;
    }
    default:
      return Lost::maybe_done;
  }
}

/// Returns `location` as an absolute URL; "" when it is none.
std::string resolved(const std::string& base, const std::string& location) {
  std::string out;
  CURLU* url = curl_url();
  char* text = nullptr;
  if (url && curl_url_set(url, CURLUPART_URL, base.c_str(), 0) == CURLUE_OK &&
      curl_url_set(url, CURLUPART_URL, location.c_str(), 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK)
    out = text;
  curl_free(text);
  curl_url_cleanup(url);
  return out;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_safe(const std::string& url) {
  try {
    require_safe_url(origin_of(url), "the redirect");
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

HttpAnswer refuse(HttpAnswer answer, const std::string& why) {
  answer.lost = Lost::refused;
  answer.problem = why;
  return answer;
}

}  // namespace

HttpClient::HttpClient(std::string token, const HttpLimits& limits)
    : m_token(std::move(token)), m_limits(limits) {
  if (std::any_of(m_token.begin(), m_token.end(), [](char c) { return c <= ' ' || c > '~'; }))
    throw UsageError(
        "GITHUB_TOKEN holds a space, a line end or another character that no token "
        "has; its text is not shown");
  curl_global_init(CURL_GLOBAL_DEFAULT);
  m_curl = std::make_unique<Curl>();
}

HttpClient::~HttpClient() = default;

std::string HttpClient::redacted(const std::string& text) const {
  if (m_token.empty()) return text;
  std::string out;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find(m_token, begin)) != std::string::npos;
       begin = at + m_token.size())
    out.append(text, begin, at - begin).append("***");
  return out.append(text, begin);
}

void HttpClient::in_a_hurry() {
  constexpr double longest_s = 5;
  m_deaf = true;
  m_limits.total_s = std::min(m_limits.total_s, longest_s);
  m_limits.connect_s = std::min(m_limits.connect_s, longest_s);
}

HttpAnswer HttpClient::send_once(const HttpRequest& request, bool with_token) {
  Curl& curl = *m_curl;
  curl_easy_reset(curl.handle);  // keeps its connections
  HeaderList headers;
  for (const std::string& line : request.headers) headers.add(line);
  headers.add("Expect:");  // no "100 Continue": one answer per request
  if (with_token && !m_token.empty()) headers.add("Authorization: Bearer " + m_token);
  Received received;
  received.limit = m_limits.answer_bytes;

  curl.set(CURLOPT_URL, request.url.c_str());
  curl.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl.set(CURLOPT_HTTPHEADER, headers.get());
  curl.set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // none for a proxy
  const std::string agent = fmt::format("perfgate/{}", perfgate_version);
  curl.set(CURLOPT_USERAGENT, agent.c_str());
  if (!request.body.empty()) {
    curl.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl.set(CURLOPT_COPYPOSTFIELDS, request.body.c_str());
  }
  // libcurl sends a request once more when a connection that it had kept dies before any answer.
  // The first one may have arrived, so what writes gets a connection of its own.
  if (request.method != "GET") curl.set(CURLOPT_FRESH_CONNECT, 1L);
  curl.set(CURLOPT_NOSIGNAL, 1L);
  curl.set(CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl.set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl.set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  curl.set(CURLOPT_SSL_VERIFYPEER, 1L);
  curl.set(CURLOPT_SSL_VERIFYHOST, 2L);
  curl.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (const char* certificates = std::getenv("SSL_CERT_FILE"); certificates && *certificates)
    curl.set(CURLOPT_CAINFO, certificates);
  // Plain http is for this machine alone, and no proxy may see its token.
  if (origin_of(request.url).starts_with("http://")) curl.set(CURLOPT_NOPROXY, "*");
  curl.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(m_limits.connect_s * 1000));
  curl.set(CURLOPT_TIMEOUT_MS, static_cast<long>(m_limits.total_s * 1000));
  curl.set(CURLOPT_WRITEFUNCTION, take_body);
  curl.set(CURLOPT_WRITEDATA, static_cast<void*>(&received));
  curl.set(CURLOPT_HEADERFUNCTION, take_header);
  curl.set(CURLOPT_HEADERDATA, static_cast<void*>(&received));

  const CURLcode code = curl.perform(!m_deaf);
  HttpAnswer answer = std::move(received.answer);
  if (code != CURLE_OK) {
    answer.lost = lost_by(code, received, curl.handle);
    answer.problem = received.too_long
                         ? fmt::format("the answer is longer than {} bytes", m_limits.answer_bytes)
                         : curl_easy_strerror(code);
    answer.body.clear();
    return answer;
  }
  long status = 0;
  curl_easy_getinfo(curl.handle, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

HttpAnswer HttpClient::send(const HttpRequest& request) {
  const std::string home = origin_of(request.url);
  HttpRequest next = request;
  for (int followed = 0;; ++followed) {
    HttpAnswer answer = send_once(next, origin_of(next.url) == home);
    if (answer.lost != Lost::no || !is_redirect(answer.status)) return answer;
    const std::string to = resolved(next.url, answer.headers["location"]);
    const std::string where = one_line(clipped(valid_utf8(to), 200));
    if (request.method != "GET")
      return refuse(std::move(answer),
                    fmt::format("redirected to '{}', which is followed for GET only; was the "
                                "repository renamed?",
                                where));
    if (followed == m_limits.redirects)
      return refuse(std::move(answer), fmt::format("more than {} redirects", m_limits.redirects));
    // A redirect never leads from https to http; and plain http, which the tests use, stays on this
    // machine.
    const bool as_safe =
        origin_of(to).starts_with("https://") || (home.starts_with("http://") && is_safe(to));
    if (!as_safe)
      return refuse(std::move(answer),
                    fmt::format("redirected to '{}', which is not https", where));
    next.url = to;
  }
}

}  // namespace perfgate
