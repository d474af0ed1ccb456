// SPDX-License-Identifier: Apache-2.0
// A server on the loopback device that behaves like GitHub's REST API: it keeps comments, check
// runs and statuses, pages its lists by Link, refuses requests that are too long or not authorised,
// and fails as a test tells it to.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gate/util/json_object.h"

/// How a request is answered wrongly on purpose.
struct Fault {
  std::string method, path;  ///< the requests that it meets: by method, and a part of the path
  enum class Kind {
    answer,      ///< with `status`, `headers` and `body`
    reset,       ///< the connection is closed without an answer
    done_reset,  ///< the same after the request took effect
    silent,      ///< nothing comes, until the client goes away
    trickle,     ///< a head, then nothing more, until the client goes away
    endless,     ///< a body that never ends
  } kind = Kind::answer;
  int status = 500;
  std::vector<std::string> headers{};
  std::string body{};
  int times = 1;
};

class FakeGithub {
 public:
  FakeGithub();
  ~FakeGithub();
  FakeGithub(const FakeGithub&) = delete;
  FakeGithub& operator=(const FakeGithub&) = delete;

  std::string url() const;  ///< http://127.0.0.1:PORT
  /// A request without this token is answered by 401; "" asks for none.
  std::string token = "planted-token-5f3a";
  std::string viewer = "github-actions[bot]";

  struct Comment {
    std::int64_t id = 0;
    std::string login, body;
  };
  struct Seen {
    std::string method, path;                    ///< with the query
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
  };
  // Read and write these only while no client runs.
  std::vector<Comment> comments;
  /// The text of a comment that another publish makes after a client looked and before it makes its
  /// own.
  std::string overtaking;
  std::vector<perfgate::Json> checks, statuses;  ///< as they stand now
  perfgate::Json pulls_of_commit = perfgate::Json::array(), open_pulls = perfgate::Json::array();
  std::vector<Fault> faults;
  std::vector<Seen> seen;

  std::size_t count(const std::string& method, const std::string& path_part) const;

 private:
  struct Reply {
    int status = 200;
    perfgate::Json body{};
    std::vector<std::string> headers{};
  };
  void serve();
  void answer(int client);
  bool misbehave(int client, const Seen& request);
  Reply reply(const Seen& request);
  Reply reply_comments(const Seen& request);

  int m_listen = -1, m_port = 0;
  std::atomic<bool> m_stop = false;
  std::thread m_thread;
};
