// SPDX-License-Identifier: Apache-2.0
#include "gate/post/github_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns what the API says in its body: "message", and what is wrong with which field.
std::string message_of(const HttpAnswer& answer) {
  constexpr std::size_t longest = 300;
  std::string text;
  try {
    const Json json = parse_json(answer.body, "answer");
    if (json.is_object() && json.contains("message") && json["message"].is_string())
      text = json["message"].get<std::string>();
    if (json.is_object() && json.contains("errors")) text += " " + json["errors"].dump();
  } catch (const std::exception&) {
    text = answer.body;  // a proxy's page, perhaps
  }
  return clipped(one_line(text), longest);
}

std::string_view advice_for(int status) {
  switch (status) {
    case 401:
      return "; GITHUB_TOKEN is not valid";
    case 403:
    case 404:
      return "; has the token the permissions (pull-requests, checks, statuses: write)? A pull "
             "request from a fork has none: publish from a workflow_run job";
    default:
      return "";
  }
}

std::string failure_of(const Request& request, const HttpAnswer& answer, int tries) {
  std::string text = fmt::format("{} {}: ", request.method, request.url);
  if (answer.lost != Lost::no)
    text += answer.problem;
  else
    text += fmt::format("{} {}", answer.status, message_of(answer));
  if (is_rate_limited(answer))
    text += "; too many requests";
  else if (answer.lost == Lost::no)
    text += advice_for(answer.status);
  if (tries > 1) text += fmt::format(" (after {} tries)", tries);
  return text;
}

}  // namespace

Api::Api(Transport transport, Clock clock, const RetryPolicy& policy,
         std::function<std::string(std::string)> redact)
    : m_transport(std::move(transport)),
      m_clock(std::move(clock)),
      m_policy(policy),
      m_redact(std::move(redact)) {}

void Api::pace(const Request& request) {
  if (!request.writes()) return;
  if (const double early_s = m_next_write_s - m_clock.steady_s(); early_s > 0)
    m_clock.wait(early_s);
}

ApiAnswer Api::call(const Request& request) {
  const HttpRequest message = http_request(request);
  for (int attempt = 1;; ++attempt) {
    pace(request);
    HttpAnswer answer = m_transport(message);
    if (request.writes()) m_next_write_s = m_clock.steady_s() + m_policy.between_writes_s;
    if (answer.lost == Lost::no && answer.status >= 200 && answer.status < 300) {
      const auto link = answer.headers.find("link");
      try {
        return {answer.body.empty() ? Json() : parse_json(answer.body, "the answer"),
                link == answer.headers.end() ? "" : m_redact(link->second)};
      } catch (const UsageError& error) {
        throw ApiError(
            m_redact(fmt::format("{} {}: {}", request.method, request.url, error.what())),
            answer.status, true);
      }
    }
    const auto wait =
        wait_before_retry(answer, request.repeat, attempt, m_clock.unix_s(), m_policy);
    if (!wait) {
      // This comes before anything is cut, which would leave a part of the token.
      answer.body = m_redact(std::move(answer.body));
      const bool uncertain = answer.lost == Lost::maybe_done || answer.status >= 500;
      throw ApiError(m_redact(printable(failure_of(request, answer, attempt))), answer.status,
                     uncertain);
    }
    m_clock.wait(*wait);
  }
}

HttpRequest http_request(const Request& request) {
  HttpRequest message{request.method,
                      request.url,
                      {"Accept: application/vnd.github+json", "X-GitHub-Api-Version: 2022-11-28"},
                      ""};
  if (request.body) {
    message.headers.emplace_back("Content-Type: application/json");
    message.body = request.body->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return message;
}

}  // namespace perfgate
