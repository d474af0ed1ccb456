// SPDX-License-Identifier: Apache-2.0
#include "gate/github/github_requests.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/report/markdown_text.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t annotations_a_request = 50;
constexpr std::size_t most_annotations = 500;  // ten requests; the table has every case
constexpr std::string_view our_check = "perfgate";

std::string repository_url(const Target& target) {
  return fmt::format("{}/repos/{}", target.api_url, target.repository);
}

/// Percent-encodes (RFC 3986) foreign text for a query.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

const Json* part_of(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) ? &json.at(key) : nullptr;
}

std::string text_of(const Json* json) {
  return json && json->is_string() ? json->get<std::string>() : "";
}

/// GitHub wants a file for each annotation. Where none is known it is a folder's name, which GitHub
/// shows with the check and in no diff.
Json annotation(const CaseReport& one) {
  const SourcePlace place = one.place.value_or(SourcePlace{".github", 1});
  const VerdictInfo& verdict = verdict_info(one.verdict());
  constexpr std::size_t longest_title = 200, longest_message = 2000;  // GitHub takes 255, 64 KiB
  return {{"path", one_line(place.file)},
          {"start_line", place.line},
          {"end_line", place.line},
          {"annotation_level", verdict.annotation == Annotation::error ? "failure" : "warning"},
          {"title", clipped(fmt::format("{}: {}", verdict.id, one_line(one.id)), longest_title)},
          {"message", clipped(one_line(full_reason(one)), longest_message)}};
}

/// The worst verdicts first, so that these are what is left where there are too many.
std::vector<const CaseReport*> annotated(const Report& report) {
  std::vector<const CaseReport*> cases = worst_first(report);
  std::erase_if(cases, [](const CaseReport* found) {
    return verdict_info(found->verdict()).annotation == Annotation::none;
  });
  return cases;
}

/// Says how many annotations are left out; "" when all are there.
std::string left_out(std::size_t cases) {
  if (cases <= most_annotations) return "";
  return fmt::format("{} more have no annotation; the table has every case.\n\n",
                     count_of(cases - most_annotations, "case"));
}

void put_url(Json& json, const char* key, const Links& links) {
  if (const std::string& url = links.artifact.empty() ? links.run : links.artifact; !url.empty())
    json[key] = url;
}

}  // namespace

void require_post_name(std::string_view name) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ()/._+-";
  // "--" would end the HTML comment that holds the mark.
  if (name.empty() || name.size() > 100 ||
      name.find_first_not_of(allowed) != std::string_view::npos ||
      name.find("--") != std::string_view::npos)
    throw UsageError(
        fmt::format("--name '{}': 1 to 100 of the letters A-Z a-z 0-9 space ( ) / . _ + -, no --",
                    one_line(name)));
}

std::string comment_mark(std::string_view name) {
  return fmt::format("<!-- perfgate report: {} -->\n", name);
}

std::string comment_text(const Report& report, std::string_view name, const Links& links) {
  const std::string mark = comment_mark(name);
  return mark + github_body(report, links, comment_bytes - mark.size());
}

Request list_comments(const Target& target) {
  return {"GET", fmt::format("{}/issues/{}/comments?per_page=100", repository_url(target),
                             target.pull_request.value())};
}

std::optional<Request> next_page(const Target& target, std::string_view link_header) {
  // <https://...?page=2>; rel="next", <https://...>; rel="last" (RFC 8288)
  while (!link_header.empty()) {
    const std::size_t open = link_header.find('<'), close = link_header.find('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) break;
    const std::string_view url = link_header.substr(open + 1, close - open - 1);
    link_header.remove_prefix(close + 1);
    const std::string_view parameters = link_header.substr(0, link_header.find('<'));
    if (parameters.find("rel=\"next\"") == std::string_view::npos) continue;
    if (!url.starts_with(target.api_url + "/"))
      throw UsageError(fmt::format("the API's next page is '{}', which is not below {}",
                                   one_line(clipped(valid_utf8(url), 200)), target.api_url));
    return Request{"GET", std::string(url)};
  }
  return std::nullopt;
}

std::optional<std::int64_t> own_comment(const Json& page, std::string_view name,
                                        std::string_view author) {
  if (!page.is_array()) return std::nullopt;
  std::string mark = comment_mark(name);
  mark.pop_back();  // GitHub may hand the line back with another ending
  for (const Json& comment : page) {
    const Json* user = part_of(comment, "user");
    if (!user || text_of(part_of(*user, "login")) != author) continue;
    if (text_of(part_of(comment, "body")).starts_with(mark))
      if (const auto id = id_of(comment)) return id;
  }
  return std::nullopt;
}

Request create_comment(const Target& target, const std::string& text) {
  return {"POST",
          fmt::format("{}/issues/{}/comments", repository_url(target), target.pull_request.value()),
          Json{{"body", text}}, Repeat::doubles};
}

Request update_comment(const Target& target, std::int64_t id, const std::string& text) {
  return {"PATCH", fmt::format("{}/issues/comments/{}", repository_url(target), id),
          Json{{"body", text}}};
}

Request delete_comment(const Target& target, std::int64_t id) {
  return {"DELETE", fmt::format("{}/issues/comments/{}", repository_url(target), id)};
}

Request ask_viewer(const Target& target) {
  // GitHub Enterprise Server: https://host/api/v3 and https://host/api/graphql.
  std::string base = target.api_url;
  if (base.ends_with("/v3")) base.resize(base.size() - 3);
  return {"POST", base + "/graphql", Json{{"query", "query { viewer { login } }"}}};
}

std::optional<std::string> viewer_of(const Json& answer) {
  const Json* data = part_of(answer, "data");
  const Json* viewer = data ? part_of(*data, "viewer") : nullptr;
  const std::string login = viewer ? text_of(part_of(*viewer, "login")) : "";
  return login.empty() ? std::nullopt : std::optional(login);
}

const GithubWords& github_words(ExitCode code) {
  return *std::find_if(all_github_words.begin(), all_github_words.end(),
                       [&](const GithubWords& words) { return words.code == code; });
}

const GithubWords& github_words(const Report& report) {
  const bool hollow = report.origin == Origin::replay && report.exit_code == ExitCode::pass;
  return github_words(hollow ? ExitCode::no_verdict : report.exit_code);
}

Request open_check(const Target& target, std::string_view name) {
  Json body{{"name", name},
            {"head_sha", target.sha},
            {"external_id", our_check},
            {"status", "in_progress"},
            {"output", {{"title", "measuring"}, {"summary", "perfgate is measuring."}}}};
  put_url(body, "details_url", {target.run_url, ""});
  return {"POST", repository_url(target) + "/check-runs", std::move(body), Repeat::doubles};
}

Request list_checks(const Target& target, std::string_view name) {
  return {"GET", fmt::format("{}/commits/{}/check-runs?check_name={}&filter=latest&per_page=100",
                             repository_url(target), target.sha, encoded(name))};
}

std::optional<OwnCheck> own_check(const Json& answer, std::string_view name) {
  const Json* runs = part_of(answer, "check_runs");
  if (!runs || !runs->is_array()) return std::nullopt;
  for (const Json& run : *runs) {
    if (text_of(part_of(run, "name")) != name || text_of(part_of(run, "external_id")) != our_check)
      continue;
    const auto id = id_of(run);
    if (!id) continue;
    const Json* output = part_of(run, "output");
    const Json* count = output ? part_of(*output, "annotations_count") : nullptr;
    return OwnCheck{*id, count && count->is_number_integer() && *count != 0,
                    text_of(part_of(run, "status")) == "in_progress"};
  }
  return std::nullopt;
}

std::vector<Request> complete_check(const Target& target, std::optional<std::int64_t> id,
                                    std::string_view name, const Report& report,
                                    const Links& links) {
  std::vector<const CaseReport*> all = annotated(report);
  const std::string note = left_out(all.size());
  if (all.size() > most_annotations) all.resize(most_annotations);
  const Json output{{"title", clipped(short_sentence(report), check_title_bytes)},
                    {"summary", note + github_body(report, links, check_text_bytes - note.size(),
                                                   Extent::without_table)},
                    {"text", github_table(report, check_text_bytes)}};
  std::vector<Request> requests;
  std::size_t at = 0;
  do {
    const std::size_t end = std::min(all.size(), at + annotations_a_request);
    Json body{
        {"name", name}, {"status", "completed"}, {"conclusion", github_words(report).conclusion}};
    put_url(body, "details_url", links);
    body["output"] = output;
    body["output"]["annotations"] = Json::array();
    for (; at < end; ++at) body["output"]["annotations"].push_back(annotation(*all[at]));
    if (id) {
      requests.push_back({"PATCH", fmt::format("{}/check-runs/{}", repository_url(target), *id),
                          std::move(body),
                          // GitHub adds annotations to those that are there.
                          requests.empty() ? Repeat::harmless : Repeat::doubles});
    } else {
      body["head_sha"] = target.sha;
      body["external_id"] = our_check;
      requests.push_back(
          {"POST", repository_url(target) + "/check-runs", std::move(body), Repeat::doubles});
      break;  // fifty; a check needs an id to get more
    }
  } while (at < all.size());
  return requests;
}

Request abandon_check(const Target& target, std::int64_t id, std::string_view name,
                      std::string_view why) {
  return {"PATCH", fmt::format("{}/check-runs/{}", repository_url(target), id),
          Json{{"name", name},
               {"status", "completed"},
               {"conclusion", github_words(ExitCode::no_verdict).conclusion},
               {"output",
                {{"title", "NO VERDICT: perfgate ended in an error"},
                 {"summary", inert(clipped(one_line(why), 2000))}}}}};
}

std::optional<std::int64_t> id_of(const Json& answer) {
  const Json* id = part_of(answer, "id");
  if (!id || !id->is_number_integer() || id->get<std::int64_t>() <= 0) return std::nullopt;
  return id->get<std::int64_t>();
}

Request commit_status(const Target& target, std::string_view name, const Report& report,
                      const Links& links) {
  Json body{{"state", github_words(report).state},
            {"context", name},
            {"description", clipped_characters(short_sentence(report), status_characters)}};
  put_url(body, "target_url", links);
  return {"POST", fmt::format("{}/statuses/{}", repository_url(target), target.sha),
          std::move(body)};
}

Request ask_head(const Target& target) {
  return {"GET", fmt::format("{}/pulls/{}", repository_url(target), target.pull_request.value())};
}

std::string head_in(const Json& answer) {
  const Json* head = part_of(answer, "head");
  return head ? text_of(part_of(*head, "sha")) : "";
}

std::vector<Request> ask_pull_request(const Target& target) {
  std::vector<Request> requests{
      {"GET", fmt::format("{}/commits/{}/pulls?per_page=100", repository_url(target), target.sha)}};
  // The first request does not find commits that exist only in a fork.
  if (!target.head_owner.empty() && !target.head_branch.empty())
    requests.push_back(
        {"GET", fmt::format("{}/pulls?state=open&per_page=100&head={}:{}", repository_url(target),
                            encoded(target.head_owner), encoded(target.head_branch))});
  return requests;
}

std::optional<std::int64_t> pull_request_in(const Json& answer, const Target& target) {
  if (!answer.is_array()) return std::nullopt;
  for (const Json& one : answer) {
    const Json* head = part_of(one, "head");
    const Json* base = part_of(one, "base");
    const Json* repository = base ? part_of(*base, "repo") : nullptr;
    const Json* number = part_of(one, "number");
    if (text_of(part_of(one, "state")) != "open" || !head ||
        text_of(part_of(*head, "sha")) != target.sha)
      continue;
    // A commit can be the head of a pull request into another repository of the same network.
    if (repository && text_of(part_of(*repository, "full_name")) != target.repository) continue;
    if (number && number->is_number_integer()) return number->get<std::int64_t>();
  }
  return std::nullopt;
}

}  // namespace perfgate
