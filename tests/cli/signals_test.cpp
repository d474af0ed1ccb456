// SPDX-License-Identifier: Apache-2.0
// Signals, closed and broken standard files, and limits: an error line, a documented exit code, and
// nothing left behind.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "tests/support/catch.h"
#include "tests/support/step.h"

using perfgate::read_file;
using perfgate::write_file;

namespace {

/// The end of a pipe that has no other: what is written to it fails, and would raise SIGPIPE.
class BrokenPipe {
 public:
  BrokenPipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    ::close(ends[0]);
    m_end = ends[1];
  }
  ~BrokenPipe() { ::close(m_end); }
  BrokenPipe(const BrokenPipe&) = delete;
  BrokenPipe& operator=(const BrokenPipe&) = delete;
  std::string name() const { return std::to_string(m_end); }

 private:
  int m_end = -1;
};

}  // namespace

TEST_CASE("each signal is exit code 130, named, and completes the check run", "[signals]") {
  for (const auto& [signal, name] : {std::pair{SIGINT, "INT"}, std::pair{SIGTERM, "TERM"},
                                     std::pair{SIGHUP, "HUP"}, std::pair{SIGQUIT, "QUIT"}}) {
    Step step;
    step.bench.env["FAKE_RUNNER"] = "signal:" + std::to_string(signal);
    Leash leash;
    const Outcome outcome = step.bench.perfgate({"--post", "check", "--json", "r.json"});
    INFO(name);
    CHECK(outcome.code == 130);
    CHECK_THAT(outcome.err,
               EndsWith(std::string("perfgate: error: interrupted by SIG") + name + "\n"));
    CHECK(outcome.out.empty());
    REQUIRE(step.github.checks.size() == 1);
    CHECK(step.github.checks[0]["status"] == "completed");
    CHECK(step.github.checks[0]["conclusion"] == "neutral");
    CHECK(leash.all_gone());
    CHECK(step.bench.strays() == std::vector<std::string>{});
    CHECK_FALSE(std::filesystem::exists(step.bench.root() / "r.json"));
  }
}

TEST_CASE("a check run whose answer was lost is completed, another's is left", "[signals]") {
  Step step;
  step.bench.env["FAKE_RUNNER"] = "signal:1";
  step.github.faults = {{"POST", "/check-runs", Fault::Kind::done_reset, 0, {}, "", 1}};
  CHECK(step.bench.perfgate({"--post", "check"}).code == 130);
  REQUIRE(step.github.checks.size() == 1);
  CHECK(step.github.checks[0]["status"] == "completed");
  CHECK(step.github.checks[0]["conclusion"] == "neutral");
  // The next one was never made, and the verdict of an earlier run stands.
  step.github.checks[0]["conclusion"] = "success";
  step.github.faults = {{"POST", "/check-runs", Fault::Kind::reset, 0, {}, "", 1}};
  CHECK(step.bench.perfgate({"--post", "check"}).code == 130);
  REQUIRE(step.github.checks.size() == 1);
  CHECK(step.github.checks[0]["conclusion"] == "success");
}

TEST_CASE("what a runner leaves running ends with it", "[signals]") {
  Bench bench;
  bench.make_baseline();
  for (const char* script : {"daemon", "daemon;signal:1", "daemon;crash"}) {
    bench.env["FAKE_RUNNER"] = script;
    INFO(script);
    Leash leash;
    CHECK(bench.perfgate({}).code == (script == std::string("daemon")         ? 0
                                      : script == std::string("daemon;crash") ? 3
                                                                              : 130));
    CHECK(leash.all_gone());
  }
}

TEST_CASE("an interrupted gate restores the clocks", "[signals]") {
  Bench bench;
  bench.make_baseline();
  bench.env["FAKE_NVML_LOG"] = (bench.root() / "nvml.log").string();
  bench.env["FAKE_RUNNER"] = "signal:" + std::to_string(SIGHUP);
  CHECK(bench.perfgate({"--lock-clocks"}).code == 130);
  CHECK_THAT(read_file(bench.root() / "nvml.log"),
             ContainsSubstring("nvmlDeviceResetGpuLockedClocks"));
}

TEST_CASE("a closed pipe at stdout is an error with a line, at stderr none", "[signals]") {
  const BrokenPipe pipe;
  Step step;
  step.bench.redirect = ">&" + pipe.name();
  const Outcome out = step.bench.perfgate({"--post", "check"});
  CHECK(out.code == 2);
  CHECK_THAT(out.err, EndsWith("perfgate: error: cannot write to stdout: Broken pipe\n"));
  REQUIRE(step.github.checks.size() == 1);
  CHECK(step.github.checks[0]["status"] == "completed");
  step.bench.redirect = "2>&" + pipe.name();
  const Outcome err = step.bench.perfgate({"--post", "check"});
  CHECK(err.code == 0);
  CHECK_THAT(err.last_line(), StartsWith("perfgate: PASS"));
  CHECK(step.bench.strays() == std::vector<std::string>{});
  step.bench.redirect = ">&" + pipe.name();
  CHECK(step.bench.perfgate({"--help"}).code == 2);
}

TEST_CASE("closed standard files lose no report, and no other file gets it", "[signals]") {
  Bench bench;
  bench.make_baseline();
  for (const char* closed : {">&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
    bench.redirect = closed;
    const Outcome outcome = bench.perfgate({"--json", "r.json"});
    INFO(closed);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    if (std::string(closed).find("2>&-") == std::string::npos)
      CHECK_THAT(outcome.err, ContainsSubstring("cannot write to stdout: Bad file descriptor"));
    CHECK_THAT(read_file(bench.root() / "r.json"), StartsWith("{") && EndsWith("}\n"));
    CHECK(bench.strays() == std::vector<std::string>{});
  }
  for (const char* closed : {"<&-", "2>&-", "<&- 2>&-"}) {
    bench.redirect = closed;
    const Outcome outcome = bench.perfgate({});
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.last_line(), StartsWith("perfgate: PASS"));
  }
}

TEST_CASE("a limit on the size of files is an error with a line, and leaves nothing", "[signals]") {
  Step step;
  // In units of 512 bytes: what the gate asks the runner fits into none, then the record into none.
  for (const int blocks : {1, 16}) {
    step.bench.before = "ulimit -f " + std::to_string(blocks);
    const Outcome outcome = step.bench.perfgate({"--post", "check", "-o", "run.json"});
    INFO(blocks);
    CHECK((outcome.code == 2 || outcome.code == 3));
    CHECK_THAT(outcome.err + outcome.out, ContainsSubstring("File too large") ||
                                              ContainsSubstring("File size limit exceeded"));
    CHECK(step.bench.strays() == std::vector<std::string>{});
    CHECK_FALSE(std::filesystem::exists(step.bench.root() / "run.json"));
    CHECK(step.github.checks.back()["status"] == "completed");
  }
}

TEST_CASE("any limit on descriptors: a documented exit code and nothing left", "[signals]") {
  Bench bench;
  bench.make_baseline();
#ifdef __SANITIZE_ADDRESS__
  // The sanitizer's look at an object's type opens a pipe, and calls it a fault when it can't.
  constexpr int least = 12;
#else
  constexpr int least = 4;
#endif
  for (int most = least; most <= 16; ++most) {
    // Not by ulimit: the shell needs descriptors of its own to redirect.
    bench.before = "set -- prlimit --nofile=" + std::to_string(most) + " \"$@\"";
    const Outcome outcome = bench.perfgate({"--json", "r.json"});
    INFO("ulimit -n " << most << ": " << outcome.err);
    // 127: not even the program's libraries could be opened.
    CHECK((outcome.code == 0 || outcome.code == 2 || outcome.code == 3 || outcome.code == 127));
    CHECK((outcome.code == 0 || !outcome.err.empty()));
    CHECK(bench.strays() == std::vector<std::string>{});
    std::filesystem::remove(bench.root() / "r.json");
  }
}

#ifndef __SANITIZE_ADDRESS__  // which needs terabytes of addresses
TEST_CASE("any limit on memory: a documented exit code, an error line and nothing left",
          "[signals]") {
  Bench bench;
  bench.make_baseline();
  for (int megabytes = 16; megabytes <= 64; megabytes += 4) {
    bench.before = "ulimit -v " + std::to_string(megabytes << 10);
    const Outcome outcome = bench.perfgate({"--json", "r.json"});
    INFO(megabytes << " MB: exit " << outcome.code << ": " << outcome.err);
    CHECK((outcome.code == 0 || outcome.code == 2 || outcome.code == 3 || outcome.code == 127));
    CHECK((outcome.code == 0 || !outcome.err.empty()));
    CHECK(bench.strays() == std::vector<std::string>{});
    std::filesystem::remove(bench.root() / "r.json");
  }
}
#endif

TEST_CASE("a folder for temporary files that is not there is named", "[signals]") {
  Bench bench;
  bench.make_baseline();
  bench.env["TMPDIR"] = "/none";
  const Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, EndsWith("perfgate: error: cannot make a temporary folder in /none: No "
                                   "such file or directory; TMPDIR names another\n"));
}

TEST_CASE("a claim file that is another file's second name is left as it is", "[signals]") {
  Bench bench;
  bench.make_baseline();
  const auto claim = bench.root() / "state" / "perfgate-gpu-GPU-aaaa";
  write_file(bench.root() / "precious", "keep me\n");
  std::filesystem::create_hard_link(bench.root() / "precious", claim);
  const Outcome linked = bench.perfgate({});
  CHECK(linked.code == 3);
  CHECK_THAT(linked.err,
             ContainsSubstring("it is no regular file, or has a second name; remove it"));
  CHECK(read_file(bench.root() / "precious") == "keep me\n");
  std::filesystem::remove(claim);
  REQUIRE(::mkfifo(claim.c_str(), 0600) == 0);
  CHECK(bench.perfgate({}).code == 3);
  std::filesystem::remove(claim);
  CHECK(bench.perfgate({}).code == 0);
}
