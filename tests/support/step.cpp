// SPDX-License-Identifier: Apache-2.0
#include "tests/support/step.h"

#include "gate/os/files.h"

Step::Step() {
  bench.make_baseline();
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  bench.save_run("good.json");
  bench.env["GITHUB_API_URL"] = github.url();
  bench.env["GITHUB_REPOSITORY"] = "octo/hello";
  bench.env["GITHUB_SHA"] = merge_sha;
  bench.env["GITHUB_TOKEN"] = planted_token;
  bench.env["GITHUB_SERVER_URL"] = "https://github.com";
  bench.env["GITHUB_RUN_ID"] = "77";
  bench.env["PERFGATE_POST_PACE"] = "0";
  event(R"({"pull_request": {"number": 7, "head": {"sha": ")" + head_sha + "\"}}}");
  // The results are made in a step of that event, so they name its head.
  bench.perfgate({"compare", "slow.json", "--json", "result.json"});
  bench.perfgate({"compare", "good.json", "--json", "pass.json"});
}

void Step::event(const std::string& payload) {
  perfgate::write_file(bench.root() / "event.json", payload);
  bench.env["GITHUB_EVENT_PATH"] = (bench.root() / "event.json").string();
}

Outcome Step::publish(std::vector<std::string> more) {
  more.insert(more.begin(), {"publish", "result.json"});
  return bench.perfgate(std::move(more));
}

Outcome Step::publish_pass(const std::string& places) {
  return bench.perfgate({"publish", "pass.json", "--post", places, "--require-post"});
}

std::vector<std::string> Step::token_places(const Outcome& outcome) const {
  std::vector<std::string> places;
  const auto look = [&](const std::string& text, const std::string& place) {
    if (text.find(planted_token) != std::string::npos) places.push_back(place);
  };
  look(outcome.out, "stdout");
  look(outcome.err, "stderr");
  for (const std::string& file : bench.files(bench.root()))
    if (std::filesystem::is_regular_file(bench.root() / file))
      look(perfgate::read_file(bench.root() / file), file);
  return places;
}
