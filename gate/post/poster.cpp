// SPDX-License-Identifier: Apache-2.0
#include "gate/post/poster.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "gate/github/github_requests.h"
#include "gate/github/workflow_commands.h"
#include "gate/os/environment.h"
#include "gate/os/files.h"
#include "gate/os/interrupt.h"
#include "gate/os/terminal.h"
#include "gate/post/actions_log.h"
#include "gate/post/github_api.h"
#include "gate/post/http.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr int upsert_tries = 3;
constexpr int most_pages = 100;  // 10,000 comments

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// Returns a positive number from a variable that the tests set; `otherwise` when it is not there.
double number_in(const char* name, double otherwise) {
  const std::string text = variable(name);
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (*end != '\0' || !(value >= 0) || !std::isfinite(value))
    throw UsageError(fmt::format("{} is '{}': expected a number", name, one_line(text)));
  return value;
}

/// When `deaf` is true, signals no longer end a wait, and after one there is no time for a long
/// wait.
Clock real_clock(const bool& deaf) {
  const double pace = number_in("PERFGATE_POST_PACE", 1);
  const auto seconds = [](auto now) {
    return std::chrono::duration<double>(now.time_since_epoch()).count();
  };
  return {[=] { return seconds(std::chrono::steady_clock::now()); },
          [=] { return seconds(std::chrono::system_clock::now()); },
          [&deaf, pace](double wait_s) {
            constexpr double longest_s = 2;
            if (!deaf)
              wait_or_interrupt(wait_s * pace);
            else if (interrupted() && wait_s > longest_s)
              throw NoVerdict(fmt::format("no time to wait {:.0f} s after a signal", wait_s));
            else
              std::this_thread::sleep_for(std::chrono::duration<double>(wait_s * pace));
          }};
}

Links links_of(const PostOptions& options, const Target& target) {
  return {target.run_url, options.artifact_url};
}

/// A post that can't be made here because there is nothing to post to; that is no failure.
struct NothingToPostTo : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void warn(std::string_view place, std::string_view text) {
  constexpr std::size_t longest = 2000;
  print_stderr(for_actions_log(
      fmt::format("perfgate: warning: {}: {}\n", place, clipped(one_line(text), longest))));
}

std::string required_file(const char* name) {
  std::string path = variable(name);
  if (path.empty())
    throw UsageError(fmt::format("{} is not set: this is no step of GitHub Actions", name));
  return path;
}

void append_summary(const Report& report, const Links& links) {
  const std::string file = required_file("GITHUB_STEP_SUMMARY");
  std::error_code error;
  const auto there = std::filesystem::file_size(file, error);
  const std::size_t used = error ? 0 : static_cast<std::size_t>(there);
  constexpr std::size_t least = 4096;
  // GitHub drops a summary that is too long as a whole, and with it what other tools wrote there.
  if (used + least > step_summary_bytes)
    throw UsageError(fmt::format("{} holds {} bytes already, and a step may have {}", file, used,
                                 step_summary_bytes));
  append_file(file, github_body(report, links, step_summary_bytes - used - 1) + "\n");
}

}  // namespace

Target target_here() {
  Variables environment;
  for (const std::string& name : target_variables())
    if (const std::string value = variable(name.c_str()); !value.empty()) environment[name] = value;
  const std::string file = variable("GITHUB_EVENT_PATH");
  return find_target(environment, file.empty() ? "" : read_file(file), file);
}

struct Posting::Session {
  Target target;
  HttpClient http;
  bool deaf = false;  ///< signals no longer end a wait
  Api api;

  Session(Target where, const std::string& token, const HttpLimits& limits)
      : target(std::move(where)),
        http(token, limits),
        api([this](const HttpRequest& request) { return http.send(request); }, real_clock(deaf), {},
            [this](const std::string& text) { return http.redacted(text); }) {}
};

Posting::Posting(PostOptions options) : m_options(std::move(options)) {
  if (!m_options.needs_api()) return;
  // This comes before anything is measured, so that its message stands at the top.
  try {
    Target target = target_here();
    const std::string token = hidden_secret("GITHUB_TOKEN");
    if (token.empty())
      throw UsageError(
          "GITHUB_TOKEN is not set; give the step `env: {GITHUB_TOKEN: ${{ github.token }}}`");
    HttpLimits limits;
    limits.total_s = number_in("PERFGATE_HTTP_TIMEOUT_S", limits.total_s);
    limits.connect_s = std::min(limits.connect_s, limits.total_s);
    m_session = std::make_unique<Session>(std::move(target), token, limits);
  } catch (const UsageError& error) {
    m_no_session = error.what();
  }
}

Posting::~Posting() = default;

Posting::Session& Posting::session() {
  if (!m_session) throw UsageError(m_no_session.value_or("no session"));
  if (m_session->target.ask_for_head)
    set_head(m_session->target, head_in(m_session->api.call(ask_head(m_session->target)).json));
  return *m_session;
}

std::optional<std::string> Posting::other_commit(std::string_view commit, std::string_view head) {
  if (!m_session) return std::nullopt;  // posting fails by itself, or needs no commit
  return perfgate::other_commit(session().target, commit, head);
}

/// Runs the action for a place that is wanted; a failure is printed and remembered.
void Posting::attempt(Place place, const auto& action) {
  if (!m_options.wants(place)) return;
  const std::string_view id = places[static_cast<std::size_t>(place)].id;
  // What the server sent may be quoted in any of these texts, and it has seen the token.
  const auto redacted = [&](const std::exception& error) {
    return m_session ? m_session->http.redacted(error.what()) : std::string(error.what());
  };
  try {
    action();
  } catch (const Interrupted&) {
    throw;
  } catch (const NothingToPostTo& nothing) {
    warn(id, redacted(nothing));  // the others are posted all the same
  } catch (const std::exception& error) {
    warn(fmt::format("{} was not posted", id), redacted(error));
    m_failed = true;
  }
}

std::int64_t Posting::find_pull_request() {
  const Target& target = session().target;
  if (target.pull_request) return *target.pull_request;
  if (!target.ask_for_pull_request)
    throw NothingToPostTo("left out: this event belongs to no pull request");
  for (const Request& request : ask_pull_request(target))
    if (const auto number = pull_request_in(session().api.call(request).json, target))
      return *number;
  throw NothingToPostTo(
      fmt::format("left out: no open pull request has {} at its head (closed, or pushed to since)",
                  target.sha));
}

std::optional<std::int64_t> Posting::find_comment(const std::string& author) {
  const Target& target = session().target;
  std::optional<Request> page = list_comments(target);
  for (int pages = 0; page; ++pages) {
    if (pages == most_pages)
      throw UsageError(fmt::format("more than {} pages of comments", most_pages));
    const ApiAnswer answer = session().api.call(*page);
    if (const auto id = own_comment(answer.json, m_options.name, author)) return id;
    page = next_page(target, answer.link);
  }
  return std::nullopt;
}

/// Returns the account whose comments are ours.
std::string Posting::author() {
  try {
    if (const auto login = viewer_of(session().api.call(ask_viewer(session().target)).json))
      return *login;
  } catch (const ApiError& error) {
    // This server or this token has no GraphQL.
    if (error.status < 400 || error.status >= 500) throw;
  }
  return std::string(workflow_author);
}

/// Leaves one comment where another publish, at the same moment, found none either: the first one,
/// with the text of whoever comes last to look.
void Posting::merge_comments(std::int64_t made, const std::string& text,
                             const std::string& author) {
  try {
    const std::optional<std::int64_t> first = find_comment(author);
    if (!first || *first >= made) return;
    session().api.call(update_comment(session().target, *first, text));
    session().api.call(delete_comment(session().target, made));
  } catch (const ApiError& error) {
    warn("comment", fmt::format("posted; whether it is there twice is not known: {}",
                                session().http.redacted(error.what())));
  }
}

void Posting::post_comment(const Report& report) {
  session().target.pull_request = find_pull_request();
  const Target& target = session().target;
  const std::string text = comment_text(report, m_options.name, links_of(m_options, target));
  const std::string us = author();
  for (int attempt = 1;; ++attempt) {
    const std::optional<std::int64_t> id = find_comment(us);
    try {
      const ApiAnswer answer =
          session().api.call(id ? update_comment(target, *id, text) : create_comment(target, text));
      if (const auto made = id_of(answer.json); made && !id) merge_comments(*made, text, us);
      return;
    } catch (const ApiError& error) {
      // The comment was deleted a moment ago, or perhaps made though no answer came: look again
      // before another one is made.
      const bool look_again = id ? error.status == 404 : error.maybe_done;
      if (!look_again || attempt == upsert_tries) throw;
    }
  }
}

std::vector<Request> Posting::check_requests(const Report& report, std::optional<std::int64_t> id) {
  const Target& target = session().target;
  return complete_check(target, id, m_options.name, report, links_of(m_options, target));
}

void Posting::post_check(const Report& report) {
  std::optional<std::int64_t> id = m_check;
  std::size_t sent = 0;
  for (int attempt = 1; !id; ++attempt) {
    // An earlier post of this commit, or one whose answer was lost, is updated.
    const auto known = own_check(
        session().api.call(list_checks(session().target, m_options.name)).json, m_options.name);
    // Its annotations would stand there twice, and those of another verdict would stay: what has
    // some is left, and GitHub shows the newer check run of a name.
    if (known && !known->annotated) {
      id = known->id;
      break;
    }
    try {
      id = id_of(session().api.call(check_requests(report, {}).front()).json);
      if (!id) return;  // complete but for more annotations
      sent = 1;
    } catch (const ApiError& error) {
      if (!error.maybe_done || attempt == upsert_tries) throw;
    }
  }
  const std::vector<Request> requests = check_requests(report, id);
  for (; sent < requests.size(); ++sent) session().api.call(requests[sent]);
  m_check.reset();
}

void Posting::open() {
  attempt(Place::check, [&] {
    const Request request = open_check(session().target, m_options.name);
    m_perhaps_open = true;  // also when a signal comes before the answer
    try {
      m_check = id_of(session().api.call(request).json);
    } catch (const ApiError& error) {
      m_perhaps_open = error.maybe_done;
      throw;
    }
  });
}

/// Returns the check run in progress: ours, or the one whose answer was lost.
std::optional<std::int64_t> Posting::check_in_progress() {
  if (m_check) return m_check;
  const auto known = own_check(
      session().api.call(list_checks(session().target, m_options.name)).json, m_options.name);
  return known && known->in_progress ? std::optional(known->id) : std::nullopt;
}

void Posting::post(const Report& report) {
  // The check comes first, because other jobs wait for it.
  attempt(Place::check, [&] { post_check(report); });
  attempt(Place::status, [&] {
    const Target& target = session().target;
    session().api.call(commit_status(target, m_options.name, report, links_of(m_options, target)));
  });
  attempt(Place::comment, [&] { post_comment(report); });
  attempt(Place::summary, [&] {
    append_summary(report, m_session ? links_of(m_options, m_session->target)
                                     : Links{"", m_options.artifact_url});
  });
  attempt(Place::outputs, [&] {
    append_file(required_file("GITHUB_OUTPUT"), step_outputs(report, m_options.written));
  });
}

void Posting::abandon(std::string_view why) {
  if (!m_check && !m_perhaps_open) return;
  session().deaf = true;
  // The sender of a signal waits, but not for long.
  if (interrupted()) session().http.in_a_hurry();
  attempt(Place::check, [&] {
    if (const auto id = check_in_progress())
      session().api.call(abandon_check(session().target, *id, m_options.name,
                                       session().http.redacted(std::string(why))));
  });
}

ExitCode Posting::exit_code(ExitCode verdict) const {
  const bool hides_nothing = verdict == ExitCode::pass && m_failed && m_options.require;
  return hides_nothing ? ExitCode::no_verdict : verdict;
}

std::string dry_run(const PostOptions& options, const Report& report) {
  Target target = target_here();
  if (target.ask_for_head) target.sha = "{head_sha}";  // only the API knows it
  const std::string& name = options.name;
  const Links links = links_of(options, target);
  std::vector<Request> requests;
  if (options.wants(Place::check))
    requests = complete_check(target, std::nullopt, name, report, links);
  if (options.wants(Place::status)) requests.push_back(commit_status(target, name, report, links));
  if (options.wants(Place::comment)) {
    const bool unknown = !target.pull_request;
    if (unknown && !target.ask_for_pull_request) {
      warn("comment", "left out: this event belongs to no pull request");
    } else {
      target.pull_request = target.pull_request.value_or(0);
      Request comment = create_comment(target, comment_text(report, name, links));
      if (unknown)  // only the API knows it
        comment.url.replace(comment.url.rfind("/0/"), 3, "/{issue_number}/");
      requests.push_back(std::move(comment));
    }
  }
  Json out = Json::array();
  for (const Request& request : requests) {
    Json headers = Json::object();
    for (const std::string& line : http_request(request).headers)
      headers[line.substr(0, line.find(':'))] = line.substr(line.find(':') + 2);
    headers["Authorization"] = "Bearer ***";
    out.push_back({{"method", request.method},
                   {"url", request.url},
                   {"headers", std::move(headers)},
                   {"body", request.body.value_or(Json())}});
  }
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace perfgate
