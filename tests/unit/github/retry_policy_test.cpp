// SPDX-License-Identifier: Apache-2.0
// The rules come from GitHub's documentation: "Rate limits for the REST API", "Best practices".
#include "gate/github/retry_policy.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

HttpAnswer answer(int status, std::map<std::string, std::string> headers = {},
                  std::string body = "") {
  HttpAnswer out;
  out.status = status;
  out.headers = std::move(headers);
  out.body = std::move(body);
  return out;
}

HttpAnswer lost(Lost how) {
  HttpAnswer out;
  out.lost = how;
  return out;
}

std::optional<double> wait(const HttpAnswer& got, int attempt = 1,
                           Repeat repeat = Repeat::harmless) {
  return wait_before_retry(got, repeat, attempt, 1000.0, {});
}

const char* const secondary =
    R"({"message": "You have exceeded a secondary rate limit. Please wait"})";

}  // namespace

TEST_CASE("a permanent error is final", "[retry_policy]") {
  for (const int status : {301, 400, 401, 403, 404, 409, 410, 422, 451}) {
    INFO(status);
    CHECK_FALSE(wait(answer(status)));
  }
  // Points are left, so the permission is missing.
  CHECK_FALSE(wait(answer(403, {{"x-ratelimit-remaining", "4999"}, {"x-ratelimit-reset", "1060"}},
                          R"({"message": "Resource not accessible by integration"})")));
}

TEST_CASE("the server decides when to come back", "[retry_policy]") {
  CHECK(wait(answer(403, {{"retry-after", "17"}})) == 17.0);
  CHECK(wait(answer(429, {{"retry-after", "17"}})) == 17.0);
  CHECK(wait(answer(503, {{"retry-after", "5"}})) == 5.0);
  CHECK(wait(answer(403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1060"}})) == 61.0);
  CHECK(wait(answer(429, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "990"}})) == 1.0);
}

TEST_CASE("a secondary limit without a given time is a minute, then longer", "[retry_policy]") {
  for (const int status : {403, 429}) {
    CHECK(wait(answer(status, {}, secondary)) == 60.0);
    CHECK(wait(answer(status, {}, secondary), 2) == 120.0);
  }
  CHECK(wait(answer(429)) == 60.0);
  CHECK(wait(answer(429, {{"retry-after", "soon"}})) == 60.0);
  CHECK(wait(answer(429, {{"retry-after", "-5"}})) == 60.0);
}

TEST_CASE("no wait lasts an hour", "[retry_policy]") {
  CHECK_FALSE(wait(answer(403, {{"retry-after", "3600"}})));
  CHECK_FALSE(wait(answer(403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "4600"}})));
}

TEST_CASE("errors of the server or the network are tried again, four times in all",
          "[retry_policy]") {
  for (const HttpAnswer& got : {answer(500), answer(502), answer(503), answer(504), answer(408),
                                lost(Lost::maybe_done), lost(Lost::not_sent)}) {
    CHECK(wait(got, 1) == 1.0);
    CHECK(wait(got, 2) == 2.0);
    CHECK(wait(got, 3) == 4.0);
    CHECK_FALSE(wait(got, 4));
  }
  CHECK_FALSE(wait(lost(Lost::refused)));
}

TEST_CASE("what may have taken effect is not done twice", "[retry_policy]") {
  for (const HttpAnswer& got : {answer(500), answer(502), lost(Lost::maybe_done)})
    CHECK_FALSE(wait(got, 1, Repeat::doubles));
  // These requests certainly had no effect.
  CHECK(wait(lost(Lost::not_sent), 1, Repeat::doubles));
  CHECK(wait(answer(403, {}, secondary), 1, Repeat::doubles) == 60.0);
}
