// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_github.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

using perfgate::Json;

namespace {

constexpr std::size_t page_size = 100;

void send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the client went away
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// Waits until the client closes its end.
void wait_for_end(int client) {
  char byte;
  while (::recv(client, &byte, 1, 0) > 0) {
  }
}

/// Closes the connection so that the client sees "connection reset by peer".
void reset(int client) {
  const linger none{1, 0};
  ::setsockopt(client, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// Reads one request; returns false when the client closed first.
bool receive(int client, FakeGithub::Seen& request) {
  std::string text;
  std::size_t head = std::string::npos, length = 0;
  char buffer[1 << 14];
  while (head == std::string::npos || text.size() < head + 4 + length) {
    const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    text.append(buffer, static_cast<std::size_t>(got));
    if (head != std::string::npos) continue;
    head = text.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const std::string first = text.substr(0, text.find("\r\n"));
    request.method = first.substr(0, first.find(' '));
    request.path = first.substr(request.method.size() + 1);
    request.path.resize(request.path.find(' '));
    for (std::size_t at = first.size() + 2; at < head;) {
      const std::size_t end = text.find("\r\n", at), colon = text.find(": ", at);
      request.headers[lower(text.substr(at, colon - at))] = text.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    if (request.headers.contains("content-length"))
      length = std::stoul(request.headers["content-length"]);
  }
  request.body = text.substr(head + 4);
  return true;
}

std::string head_of(int status, const std::vector<std::string>& headers) {
  std::string head = fmt::format("HTTP/1.1 {} x\r\nConnection: close\r\n", status);
  for (const std::string& line : headers) head += line + "\r\n";
  return head;
}

void send_answer(int client, int status, const std::vector<std::string>& headers,
                 const std::string& body) {
  send_all(client, head_of(status, headers) +
                       fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body));
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

FakeGithub::FakeGithub() {
  m_listen = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (m_listen < 0 || ::bind(m_listen, plain, size) < 0 || ::listen(m_listen, 16) < 0 ||
      ::getsockname(m_listen, plain, &size) < 0)
    throw std::runtime_error("no socket on the loopback device");
  m_port = ntohs(address.sin_port);
  m_thread = std::thread([this] { serve(); });
}

FakeGithub::~FakeGithub() {
  m_stop = true;
  ::shutdown(m_listen, SHUT_RDWR);
  m_thread.join();
  ::close(m_listen);
}

std::string FakeGithub::url() const {
  return fmt::format("http://127.0.0.1:{}", m_port);
}

std::size_t FakeGithub::count(const std::string& method, const std::string& path_part) const {
  return static_cast<std::size_t>(std::count_if(seen.begin(), seen.end(), [&](const Seen& one) {
    return one.method == method && one.path.find(path_part) != std::string::npos;
  }));
}

void FakeGithub::serve() {
  while (!m_stop) {
    const int client = ::accept4(m_listen, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    answer(client);
    ::close(client);
  }
}

void FakeGithub::answer(int client) {
  Seen request;
  if (!receive(client, request)) return;
  seen.push_back(request);
  if (misbehave(client, request)) return;
  const Reply good = reply(request);
  send_answer(client, good.status, good.headers, good.body.is_null() ? "" : good.body.dump());
}

bool FakeGithub::misbehave(int client, const Seen& request) {
  const auto fault = std::find_if(faults.begin(), faults.end(), [&](const Fault& one) {
    return one.times > 0 && one.method == request.method &&
           request.path.find(one.path) != std::string::npos;
  });
  if (fault == faults.end()) return false;
  --fault->times;
  switch (fault->kind) {
    case Fault::Kind::answer:
      send_answer(client, fault->status, fault->headers, fault->body);
      return true;
    case Fault::Kind::done_reset:
      reply(request);
      reset(client);
      return true;
    case Fault::Kind::reset:
      reset(client);
      return true;
    case Fault::Kind::silent:
      wait_for_end(client);
      return true;
    case Fault::Kind::trickle:
      send_all(client, head_of(200, {"Content-Length: 1000"}) + "\r\n[");
      wait_for_end(client);
      return true;
    case Fault::Kind::endless: {
      send_all(client, head_of(200, {}) + "\r\n[");
      const std::string more(1 << 20, ' ');
      for (;;) {
        const ssize_t sent = ::send(client, more.data(), more.size(), MSG_NOSIGNAL);
        if (sent <= 0) return true;
      }
    }
  }
  return true;
}

FakeGithub::Reply FakeGithub::reply_comments(const Seen& request) {
  const std::size_t at = request.path.find("&page=");
  const std::size_t page = at == std::string::npos ? 1 : std::stoul(request.path.substr(at + 6));
  Reply out;
  out.body = Json::array();
  for (std::size_t i = (page - 1) * page_size; i < std::min(page * page_size, comments.size()); ++i)
    out.body.push_back({{"id", comments[i].id},
                        {"user", {{"login", comments[i].login}}},
                        {"body", comments[i].body}});
  if (page * page_size < comments.size())
    out.headers = {
        fmt::format("Link: <{0}{1}&page={2}>; rel=\"next\", <{0}{1}&page=9>; rel=\"last\"", url(),
                    request.path.substr(0, at), page + 1)};
  return out;
}

FakeGithub::Reply FakeGithub::reply(const Seen& request) {
  const std::string& path = request.path;
  const auto has = [&](const char* part) { return path.find(part) != std::string::npos; };
  const auto authorised = request.headers.find("authorization");
  if (!token.empty() &&
      (authorised == request.headers.end() || authorised->second != "Bearer " + token))
    return {401, {{"message", "Bad credentials"}}};
  if (!request.headers.contains("user-agent"))
    return {403, {{"message", "Request forbidden by administrative rules. Add a User-Agent"}}};
  const Json body = request.body.empty() ? Json::object() : Json::parse(request.body);
  const Json too_long{{"message", "Validation Failed"}, {"errors", {{{"code", "too_long"}}}}};
  if (path == "/graphql") return {200, {{"data", {{"viewer", {{"login", viewer}}}}}}};
  if (request.method == "GET" && has("/comments")) return reply_comments(request);
  if (request.method == "GET" && has("/check-runs?")) {
    Reply out{200, {{"total_count", checks.size()}, {"check_runs", Json::array()}}};
    for (std::size_t i = checks.size(); i-- > 0;) {  // the latest first
      Json run = checks[i];
      run["id"] = i + 1;
      run["output"]["annotations_count"] = run["output"].value("annotations", Json::array()).size();
      out.body["check_runs"].push_back(std::move(run));
    }
    return out;
  }
  if (request.method == "GET" && has("/commits/")) return {200, pulls_of_commit};
  if (request.method == "GET" && has("/pulls?")) return {200, open_pulls};
  if (request.method == "POST" && has("/comments")) {
    const auto text = body.at("body").get<std::string>();
    if (characters(text) > 65536) return {422, too_long};
    for (const std::string& made : {std::exchange(overtaking, ""), text})
      if (!made.empty())
        comments.push_back({static_cast<std::int64_t>(1000 + comments.size()), viewer, made});
    return {201, {{"id", comments.back().id}}};
  }
  if (request.method == "PATCH" && has("/issues/comments/")) {
    for (Comment& one : comments)
      if (path.ends_with(fmt::format("/{}", one.id))) {
        one.body = body.at("body").get<std::string>();
        return {200, {{"id", one.id}}};
      }
  }
  if (request.method == "DELETE" && has("/issues/comments/"))
    return {std::erase_if(
                comments,
                [&](const Comment& one) { return path.ends_with(fmt::format("/{}", one.id)); }) == 1
                ? 204
                : 404};
  if (has("/check-runs")) {
    const Json& output = body.at("output");
    if (output.at("summary").get<std::string>().size() > 65535 ||
        (output.contains("text") && output["text"].get<std::string>().size() > 65535) ||
        output.at("title").get<std::string>().size() > 255 ||
        (output.contains("annotations") && output["annotations"].size() > 50))
      return {422, too_long};
    if (request.method == "POST") {
      checks.push_back(body);
      return {201, {{"id", checks.size()}}};
    }
    const std::size_t id = std::stoul(path.substr(path.rfind('/') + 1));
    checks.at(id - 1).update(body);
    return {200, {{"id", id}}};
  }
  if (request.method == "POST" && has("/statuses/")) {
    if (characters(body.at("description").get<std::string>()) > 140) return {422, too_long};
    statuses.push_back(body);
    return {201, {{"id", statuses.size()}}};
  }
  return {404, {{"message", "Not Found"}}};
}
