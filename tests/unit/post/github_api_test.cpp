// SPDX-License-Identifier: Apache-2.0
// The session on a clock that only moves while the session waits.
#include "gate/post/github_api.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

class Session {
 public:
  std::vector<HttpAnswer> answers;  ///< in order; the last one repeats
  std::vector<HttpRequest> sent;
  std::vector<double> sent_at;
  std::vector<double> waits;

  Api api() {
    return Api(
        [this](const HttpRequest& request) {
          sent.push_back(request);
          sent_at.push_back(m_now);
          return answers.at(std::min(sent.size(), answers.size()) - 1);
        },
        {[this] { return m_now; }, [this] { return 5000 + m_now; },
         [this](double seconds) {
           waits.push_back(seconds);
           m_now += seconds;
         }},
        {},
        [](std::string text) {
          const std::size_t at = text.find("secret");
          return at == std::string::npos ? text : text.replace(at, 6, "***");
        });
  }

 private:
  double m_now = 100;
};

HttpAnswer good(const std::string& body = "{\"id\": 1}") {
  HttpAnswer answer;
  answer.status = 200;
  answer.body = body;
  return answer;
}

HttpAnswer bad(int status, const std::string& body = "{}") {
  HttpAnswer answer = good(body);
  answer.status = status;
  return answer;
}

const Request read_it{"GET", "https://x/y"};
const Request write_it{"PATCH", "https://x/y", Json{{"a", 1}}};
const Request create_it{"POST", "https://x/y", Json{{"a", 1}}, Repeat::doubles};

}  // namespace

TEST_CASE("writes are a second apart, reads are not", "[github_api]") {
  Session session;
  session.answers = {good()};
  Api api = session.api();
  for (const Request& request : {write_it, read_it, read_it, write_it, write_it, read_it})
    api.call(request);
  CHECK(session.sent_at == std::vector<double>{100, 100, 100, 101, 102, 102});
}

TEST_CASE("a temporary failure is tried again, and writes keep their distance", "[github_api]") {
  Session session;
  session.answers = {bad(502), bad(502), good()};
  session.api().call(write_it);
  CHECK(session.sent_at == std::vector<double>{100, 101, 103});
}

TEST_CASE("a secondary limit is waited out for a minute", "[github_api]") {
  Session session;
  session.answers = {bad(403, R"({"message": "You have exceeded a secondary rate limit."})"),
                     good()};
  session.api().call(create_it);
  CHECK(session.waits == std::vector<double>{60});
}

TEST_CASE("an error names the request, the status, what GitHub says and what to do",
          "[github_api]") {
  Session session;
  session.answers = {bad(403, R"({"message": "Resource not accessible by integration"})")};
  const std::string text = error_of<ApiError>([&] { session.api().call(create_it); });
  CHECK(session.sent.size() == 1);
  CHECK_THAT(text, StartsWith("POST https://x/y: 403 Resource not accessible by integration") &&
                       ContainsSubstring("workflow_run"));
}

TEST_CASE("what the server says is one line of text, bounded, without the token", "[github_api]") {
  Session session;
  session.answers = {
      bad(422, "{\"message\": \"secret \\n::error::x \\u202e" + std::string(5000, 'x') + "\"}")};
  const std::string text = error_of<ApiError>([&] { session.api().call(read_it); });
  CHECK_THAT(text, ContainsSubstring("*** ") && !ContainsSubstring("secret") &&
                       !ContainsSubstring("\n") && !ContainsSubstring("\xE2\x80\xAE"));
  CHECK(text.size() < 500);
}

TEST_CASE("whether a lost request may have taken effect is known", "[github_api]") {
  for (const auto& [how, uncertain] : {std::pair{Lost::maybe_done, true}, {Lost::refused, false}}) {
    Session session;
    HttpAnswer lost;
    lost.lost = how;
    lost.problem = "broke";
    session.answers = {lost};
    bool maybe_done = !uncertain;
    try {
      session.api().call(create_it);
    } catch (const ApiError& error) {
      maybe_done = error.maybe_done;
    }
    CHECK(maybe_done == uncertain);
    CHECK(session.sent.size() == 1);
  }
}

TEST_CASE("an answer that is no JSON is an error", "[github_api]") {
  Session session;
  session.answers = {good("<html>")};
  CHECK_THAT(error_of<ApiError>([&] { session.api().call(read_it); }),
             ContainsSubstring("not valid JSON"));
  session.answers = {good("")};
  CHECK(session.api().call(read_it).json.is_null());
}

TEST_CASE("requests have GitHub's headers and never the token", "[github_api]") {
  const HttpRequest message = http_request(create_it);
  CHECK(message.method == "POST");
  CHECK(message.body == "{\"a\":1}");
  CHECK(message.headers == std::vector<std::string>{"Accept: application/vnd.github+json",
                                                    "X-GitHub-Api-Version: 2022-11-28",
                                                    "Content-Type: application/json"});
  CHECK(http_request(read_it).body.empty());
}
