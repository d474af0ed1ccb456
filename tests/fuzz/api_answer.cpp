// SPDX-License-Identifier: Apache-2.0
// What a server answers: its status, headers and body are read in bounded time, asked again only
// within the policy, and the token that it repeats is in no message.
//
// The input: a line with the status, the header Link, the header Retry-After, then the body.
#include <array>
#include <cmath>

#include "gate/github/github_requests.h"
#include "gate/post/github_api.h"
#include "tests/fuzz/engine/target.h"
#include "tests/support/sample_target.h"

using namespace perfgate;

const InputForm input_form = InputForm::lines;
const std::size_t longest_input = 2000;

namespace {

constexpr std::string_view token = "t0ken";

std::string without_token(std::string text) {
  for (std::size_t at = 0; (at = text.find(token, at)) != std::string::npos;)
    text.replace(at, token.size(), "***");
  return text;
}

HttpAnswer answer_of(std::string_view input) {
  std::array<std::string, 3> head;
  std::size_t at = 0;
  for (std::string& line : head) {
    const std::size_t end = std::min(input.find('\n', at), input.size());
    line = input.substr(at, end - at);
    at = std::min(end + 1, input.size());
  }
  HttpAnswer answer;
  answer.status = std::atoi(head[0].substr(0, 3).c_str());
  answer.headers = {{"link", head[1]},
                    {"retry-after", head[2]},
                    {"x-ratelimit-reset", head[2]},
                    {"x-ratelimit-remaining", "0"}};
  answer.body = input.substr(at);
  return answer;
}

void read_answer(const ApiAnswer& answer) {
  require(answer.link.find(token) == std::string::npos);
  (void)own_comment(answer.json, default_post_name, workflow_author);
  (void)own_check(answer.json, default_post_name);
  (void)viewer_of(answer.json);
  (void)id_of(answer.json);
  (void)accepted([&] { (void)head_in(answer.json); });
  (void)pull_request_in(answer.json, pull_request_target());
  (void)accepted([&] {
    if (const auto next = next_page(pull_request_target(), answer.link))
      require(next->url.starts_with("https://api.github.com/"));
  });
}

}  // namespace

std::vector<std::string> seeds() {
  const std::string link =
      "<https://api.github.com/x?page=2>; rel=\"next\", <https://api.github.com/y>; rel=\"last\"\n";
  return {"200\n" + link +
              "\n[{\"id\": 5, \"body\": \"<!-- perfgate:perfgate -->\", \"user\": "
              "{\"login\": \"github-actions[bot]\"}}]",
          "200\n\n\n{\"check_runs\": [{\"id\": 3, \"name\": \"perfgate\", \"status\": "
          "\"in_progress\", \"output\": {\"annotations_count\": 2}}]}",
          "422\n\n1\n{\"message\": \"t0ken\", \"errors\": [[1, {\"field\": \"x\"}]]}",
          "403\n\n7\nt0ken",
          "500\n\n\n<html>",
          "201\n\n\n{\"id\": 9, \"login\": \"mona\"}"};
}

void try_input(std::string_view input) {
  const HttpAnswer answer = answer_of(input);
  int sent = 0;
  double waited_s = 0;
  Api api(
      [&](const HttpRequest&) {
        ++sent;
        return answer;
      },
      {[] { return 0.0; }, [] { return 1e9; }, [&](double seconds) { waited_s += seconds; }}, {},
      without_token);
  try {
    read_answer(api.call(list_comments(pull_request_target())));
  } catch (const ApiError& error) {
    require(std::string_view(error.what()).find(token) == std::string_view::npos);
  }
  const RetryPolicy policy;
  require(sent <= policy.attempts && waited_s >= 0 &&
          waited_s <= policy.attempts * policy.longest_wait_s);
}
