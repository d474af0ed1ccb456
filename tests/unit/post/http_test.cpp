// SPDX-License-Identifier: Apache-2.0
// What the client does by itself; transport_test.cpp tests it through the program.
#include "gate/post/http.h"

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
