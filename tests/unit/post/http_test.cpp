// SPDX-License-Identifier: Apache-2.0
// What the client does by itself; transport_test.cpp and token_test.cpp test it through the
// program.
#include "gate/post/http.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/fake_github.h"
#include "tests/support/interrupting.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("the token is taken out of any text, whatever it is", "[http]") {
  CHECK(HttpClient("secret").redacted("a secret, a secretsecret") == "a ***, a ******");
  CHECK(HttpClient("*").redacted("2 * 3") == "2 *** 3");
  CHECK(HttpClient("**").redacted("****") == "******");
  CHECK(HttpClient("").redacted("as it is") == "as it is");
}

TEST_CASE("a signal ends a request to a server that says nothing", "[http]") {
  FakeGithub github;
  for (const auto kind : {Fault::Kind::silent, Fault::Kind::trickle}) {
    github.faults = {{"GET", "/x", kind, 0, {}, "", 9}};
    for (const int signal : {SIGINT, SIGHUP})
      CHECK(is_ended_by(signal, [&] {
        HttpClient("t").send({"GET", github.url() + "/x", {}, ""});
      }));
  }
}

namespace {

/// A server that keeps a connection after a GET, and closes it without an answer after a first
/// POST.
class KeptAlive {
 public:
  KeptAlive() {
    m_listen = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(m_listen, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(m_listen, 8) == 0);
    ::getsockname(m_listen, reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { serve(); });
  }
  ~KeptAlive() {
    ::shutdown(m_listen, SHUT_RDWR);
    m_thread.join();
    ::close(m_listen);
  }
  KeptAlive(const KeptAlive&) = delete;
  KeptAlive& operator=(const KeptAlive&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port) + "/x"; }
  std::atomic<int> gets = 0, posts = 0;

 private:
  void serve() {
    for (int client; (client = ::accept(m_listen, nullptr, nullptr)) >= 0;) {
      m_clients.emplace_back([this, client] {
        while (answer(client)) {
        }
        ::close(client);
      });
    }
    for (std::thread& client : m_clients) client.join();
  }
  /// Returns false when the connection is to be closed.
  bool answer(int client) {
    std::string request(4096, '\0');
    const ssize_t bytes = ::recv(client, request.data(), request.size(), 0);
    if (bytes <= 0) return false;
    const bool post = request.starts_with("POST");
    if (post && posts++ == 0) return false;
    if (!post) ++gets;
    const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    return ::send(client, reply.data(), reply.size(), MSG_NOSIGNAL) > 0;
  }

  int m_listen = -1, m_port = 0;
  std::thread m_thread;
  std::vector<std::thread> m_clients;
};

}  // namespace

TEST_CASE("a POST is sent once, also where a connection that was kept dies", "[http]") {
  KeptAlive server;
  {
    HttpClient client("t");
    CHECK(client.send({"GET", server.url(), {}, ""}).status == 200);
    const HttpAnswer lost = client.send({"POST", server.url(), {}, "{}"});
    CHECK(lost.lost == Lost::maybe_done);
    CHECK(server.posts == 1);
    // A GET may still use the connection of the first one, and is repeated at will.
    CHECK(client.send({"GET", server.url(), {}, ""}).status == 200);
  }
  CHECK(server.gets == 2);
}

TEST_CASE("in a hurry, a request is sent after a signal too", "[http]") {
  FakeGithub github;
  CHECK(is_ended_by(SIGTERM, [&] {
    HttpClient client(github.token);
    try {
      wait_or_interrupt(1000);
    } catch (const Interrupted&) {
    }
    client.in_a_hurry();
    const HttpAnswer answer = client.send(
        {"GET", github.url() + "/repos/octo/hello/issues/7/comments?per_page=100", {}, ""});
    if (answer.lost == Lost::no && answer.status == 200) throw_if_interrupted();
  }));
}
