// SPDX-License-Identifier: Apache-2.0
#include "gate/github/github_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::string_view letters_and_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool made_of(std::string_view text, std::string_view letters) {
  return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

std::string value_of(const Variables& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

/// Whether `text` is "owner/name", each part of characters that GitHub allows.
bool is_repository(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string allowed = std::string(letters_and_digits) + "-_.";
  const std::string_view owner = text.substr(0, slash), name = text.substr(slash + 1);
  const auto is_name = [&](std::string_view part) {
    return made_of(part, allowed) && part != "." && part != ".." && part.size() <= 100;
  };
  return is_name(owner) && is_name(name);
}

/// Whether `text` is a SHA-1 or SHA-256 in full.
bool is_sha(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && made_of(text, "0123456789abcdef");
}

/// Returns the part of an event that a path of keys leads to; null when one of them is not there.
const Json* part_of(const Json& event, std::initializer_list<const char*> path) {
  const Json* part = &event;
  for (const char* key : path) {
    if (!part->is_object() || !part->contains(key)) return nullptr;
    part = &part->at(key);
  }
  return part;
}

std::string text_at(const Json& event, std::initializer_list<const char*> path) {
  const Json* part = part_of(event, path);
  return part && part->is_string() ? part->get<std::string>() : "";
}

std::optional<std::int64_t> number_at(const Json& event, std::initializer_list<const char*> path) {
  const Json* part = part_of(event, path);
  if (!part || !part->is_number_integer()) return std::nullopt;
  const auto number = part->get<std::int64_t>();
  return number > 0 ? std::optional(number) : std::nullopt;
}

/// The pull request of a run whose branch lies in this repository. GitHub lists every pull request
/// with that branch, including those of this repository's forks; the right one goes into this
/// repository and has this commit at its head.
std::optional<std::int64_t> listed_pull_request(const Json& event, const std::string& sha) {
  const Json* list = part_of(event, {"workflow_run", "pull_requests"});
  const Json* repository = part_of(event, {"repository", "id"});
  if (!list || !list->is_array()) return std::nullopt;
  for (const Json& one : *list) {
    const Json* base = part_of(one, {"base", "repo", "id"});
    if (text_at(one, {"head", "sha"}) == sha && (!base || !repository || *base == *repository))
      return number_at(one, {"number"});
  }
  return std::nullopt;
}

/// The pull request of a check that another program made: the one whose head it checked.
std::optional<std::int64_t> checked_pull_request(const Json& check, const std::string& sha) {
  const Json* list = part_of(check, {"pull_requests"});
  if (!list || !list->is_array()) return std::nullopt;
  for (const Json& one : *list)
    if (text_at(one, {"head", "sha"}) == sha) return number_at(one, {"number"});
  return std::nullopt;
}

/// The pull request that a workflow was dispatched for by hand, by the usual names of the input.
std::optional<std::int64_t> dispatched_pull_request(const Json& event) {
  for (const char* name :
       {"pull_request", "pull_request_number", "pull-request", "pr", "pr_number", "number"}) {
    const std::string text = text_at(event, {"inputs", name});
    constexpr std::size_t most_digits = 12;
    if (made_of(text, "0123456789") && text.size() <= most_digits && std::stoll(text) > 0)
      return std::stoll(text);
    if (const auto number = number_at(event, {"inputs", name})) return number;
  }
  return std::nullopt;
}

void ask_for_head(Target& target, std::optional<std::int64_t> pull_request) {
  target.pull_request = pull_request;
  target.ask_for_head = true;
  target.sha.clear();
}

void add_event(Target& target, const Json& event) {
  if (const std::string sha = text_at(event, {"pull_request", "head", "sha"}); !sha.empty()) {
    // GITHUB_SHA is the merge into the base, except for pull_request_target: there it is the base.
    if (target.sha != text_at(event, {"pull_request", "base", "sha"}))
      target.merge_sha = target.sha;
    target.sha = sha;
    target.pull_request = number_at(event, {"pull_request", "number"});
  } else if (const std::string of_run = text_at(event, {"workflow_run", "head_sha"});
             !of_run.empty()) {
    target.sha = of_run;
    target.pull_request = listed_pull_request(event, of_run);
    target.ask_for_pull_request = !target.pull_request;
    target.head_owner = text_at(event, {"workflow_run", "head_repository", "owner", "login"});
    target.head_branch = text_at(event, {"workflow_run", "head_branch"});
  } else if (part_of(event, {"issue", "pull_request"})) {
    ask_for_head(target, number_at(event, {"issue", "number"}));
  } else if (const auto number = dispatched_pull_request(event)) {
    ask_for_head(target, number);
  } else {
    for (const char* kind : {"check_run", "check_suite"})
      if (const std::string checked = text_at(event, {kind, "head_sha"}); !checked.empty()) {
        target.sha = checked;
        target.pull_request = checked_pull_request(*part_of(event, {kind}), checked);
        target.ask_for_pull_request = !target.pull_request;
      }
  }
}

std::string run_url(const Variables& environment, const std::string& repository) {
  const std::string server = value_of(environment, "GITHUB_SERVER_URL");
  const std::string run = value_of(environment, "GITHUB_RUN_ID");
  if (server.empty() || !made_of(run, "0123456789")) return "";
  return fmt::format("{}/{}/actions/runs/{}", server, repository, run);
}

}  // namespace

std::vector<std::string> target_variables() {
  return {"GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_SERVER_URL",
          "GITHUB_RUN_ID"};
}

void set_head(Target& target, std::string_view sha) {
  if (!is_sha(sha))
    throw UsageError(
        fmt::format("pull request {} has no commit at its head", target.pull_request.value_or(0)));
  target.sha = sha;
  target.ask_for_head = false;
}

std::optional<std::string> other_commit(const Target& target, std::string_view commit,
                                        std::string_view head) {
  const std::string_view measured = commit.substr(0, commit.find('-'));
  if (measured.empty()) return "the result names no commit";
  if (measured == target.sha || head == target.sha || measured == target.merge_sha)
    return std::nullopt;
  return fmt::format("the result is of commit {}, not of {}", one_line(measured.substr(0, 12)),
                     target.sha.substr(0, 12));
}

std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  const std::size_t end = url.find_first_of("/?#", scheme + 3);
  std::string origin(url.substr(0, end));
  std::transform(origin.begin(), origin.end(), origin.begin(),
                 [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return origin;
}

void require_safe_url(std::string_view url, std::string_view name) {
  const auto fail = [&](std::string_view why) {
    throw UsageError(fmt::format("{} is '{}': {}", name, one_line(url), why));
  };
  const std::string origin = origin_of(url);
  const bool secure = origin.starts_with("https://"), plain = origin.starts_with("http://");
  if (!secure && !plain) fail("not an http or https URL, such as https://api.github.com");
  const std::string host = origin.substr(secure ? 8 : 7);
  if (!made_of(host, std::string(letters_and_digits) + "-.:[]"))
    fail("its host has characters that no host has");
  if (!made_of(url.substr(origin.size()), std::string(letters_and_digits) + "-._~/") &&
      url.size() != origin.size())
    fail("its path has characters that a base URL has not");
  // Only a port of digits may follow.
  const auto is_local = [&](std::string_view local) {
    if (!host.starts_with(local)) return false;
    const std::string_view port = std::string_view(host).substr(local.size());
    return port.empty() || (port.starts_with(':') && made_of(port.substr(1), "0123456789"));
  };
  if (plain && !is_local("127.0.0.1") && !is_local("localhost") && !is_local("[::1]"))
    fail("the token would be readable on the way; give an https URL");
}

Target find_target(const Variables& environment, std::string_view event,
                   const std::string& source) {
  Target target;
  target.api_url = value_of(environment, "GITHUB_API_URL");
  if (target.api_url.empty()) target.api_url = "https://api.github.com";
  while (target.api_url.ends_with('/')) target.api_url.pop_back();
  require_safe_url(target.api_url, "GITHUB_API_URL");
  // HTTP:// is http:// to libcurl and must be to us: scheme and host in small letters from here on.
  const std::string origin = origin_of(target.api_url);
  target.api_url.replace(0, origin.size(), origin);
  target.repository = value_of(environment, "GITHUB_REPOSITORY");
  if (target.repository.empty())
    throw UsageError(
        "GITHUB_REPOSITORY is not set: posting needs the environment of a GitHub Actions step, or "
        "GITHUB_REPOSITORY=owner/name and GITHUB_SHA=commit");
  if (!is_repository(target.repository))
    throw UsageError(
        fmt::format("GITHUB_REPOSITORY is '{}': expected owner/name", one_line(target.repository)));
  target.sha = value_of(environment, "GITHUB_SHA");
  std::string from = "GITHUB_SHA";
  if (!event.empty()) {
    const Json json = parse_json(event, source);
    const std::string before = target.sha;
    add_event(target, json);
    if (target.sha != before) from = fmt::format("the head commit of {}", source);
  }
  if (target.ask_for_head) {
    if (!target.pull_request)
      throw UsageError(fmt::format("{}: the event's pull request has no number", source));
  } else if (target.sha.empty()) {
    throw UsageError("GITHUB_SHA is not set, and the event names no commit to post to");
  } else if (!is_sha(target.sha)) {
    throw UsageError(fmt::format("{} is '{}': expected a commit, 40 digits 0-9 a-f", from,
                                 one_line(clipped(valid_utf8(target.sha), 100))));
  }
  target.run_url = run_url(environment, target.repository);
  if (!target.run_url.empty()) require_safe_url(target.run_url, "GITHUB_SERVER_URL");
  return target;
}

}  // namespace perfgate
