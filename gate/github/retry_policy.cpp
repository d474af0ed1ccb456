// SPDX-License-Identifier: Apache-2.0
#include "gate/github/retry_policy.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace perfgate {

namespace {

/// Returns a header that is a whole number of seconds; empty when it is absent or something else.
std::optional<double> seconds_in(const HttpAnswer& answer, const char* name) {
  const auto found = answer.headers.find(name);
  if (found == answer.headers.end()) return std::nullopt;
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return static_cast<double>(value);
}

bool contains_word(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [&](char a, char b) { return lower(a) == b; }) != text.end();
}

bool says_rate_limit(const HttpAnswer& answer) {
  return contains_word(answer.body, "rate limit") || contains_word(answer.body, "abuse detection");
}

double rate_limit_wait(const HttpAnswer& answer, int attempt, double unix_s,
                       const RetryPolicy& policy) {
  if (const auto told = seconds_in(answer, "retry-after")) return *told;
  if (seconds_in(answer, "x-ratelimit-remaining") == 0.0)
    if (const auto reset = seconds_in(answer, "x-ratelimit-reset"))
      // One second is added because their clock and ours are not the same.
      return std::max(0.0, *reset - unix_s) + 1;
  return policy.secondary_limit_s * std::exp2(attempt - 1);
}

}  // namespace

bool is_rate_limited(const HttpAnswer& answer) {
  if (answer.lost != Lost::no) return false;
  if (answer.status == 429) return true;
  return answer.status == 403 &&
         (answer.headers.contains("retry-after") ||
          seconds_in(answer, "x-ratelimit-remaining") == 0.0 || says_rate_limit(answer));
}

std::optional<double> wait_before_retry(const HttpAnswer& answer, Repeat repeat, int attempt,
                                        double unix_s, const RetryPolicy& policy) {
  if (attempt >= policy.attempts) return std::nullopt;
  double wait = policy.first_wait_s * std::exp2(attempt - 1);
  if (is_rate_limited(answer)) {
    // The request was refused, so it was not done: nothing can be doubled.
    wait = rate_limit_wait(answer, attempt, unix_s, policy);
  } else if (answer.lost == Lost::not_sent) {
    // Nothing can have happened.
  } else if (answer.lost == Lost::maybe_done || answer.status >= 500 || answer.status == 408) {
    if (repeat == Repeat::doubles) return std::nullopt;
    if (const auto told = seconds_in(answer, "retry-after")) wait = *told;
  } else {
    return std::nullopt;  // the answer would stay the same
  }
  if (wait > policy.longest_wait_s) return std::nullopt;
  return wait;
}

}  // namespace perfgate
