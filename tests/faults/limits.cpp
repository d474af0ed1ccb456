// SPDX-License-Identifier: Apache-2.0
// Limit bench: every command that lasts, under limits on descriptors, memory and the size of files
// and with standard files closed. After each: a documented exit code, an error line where there is
// a stderr, nothing left behind, no locked clock, no open check run.
//
//   perfgate-limit-bench [SEED [SECONDS]]   every command under every limit, in an order by chance
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "tests/faults/fault_scene.h"

namespace {

struct Limit {
  std::string kind, name;
  std::string before, redirect;  ///< in the shell that starts the command

  bool has_stderr() const { return redirect.find("2>&-") == std::string::npos; }
};

std::vector<Limit> all_limits() {
  std::vector<Limit> limits;
#ifndef __SANITIZE_ADDRESS__
  // The sanitizer needs terabytes of addresses, and its look at an object's type opens a pipe.
  for (int megabytes = 16; megabytes <= 64; megabytes += 4)
    limits.push_back({"memory", fmt::format("{} MB of memory", megabytes),
                      fmt::format("ulimit -v {}", megabytes << 10), ""});
  for (int most = 4; most <= 16; ++most)
    // Not by ulimit: the shell needs descriptors of its own to redirect.
    limits.push_back({"descriptors", fmt::format("{} descriptors", most),
                      fmt::format("set -- prlimit --nofile={} \"$@\"", most), ""});
#endif
  for (int blocks = 1; blocks <= 64; blocks *= 2)
    limits.push_back({"file size", fmt::format("files of {} bytes", 512 * blocks),
                      fmt::format("ulimit -f {}", blocks), ""});
  for (const char* closed :
       {"<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"})
    limits.push_back({"closed", closed, "", closed});
  return limits;
}

/// Says what is wrong with the end of a command that ends with `code` where nothing limits it; ""
/// for nothing.
std::string problem(const Outcome& outcome, const Limit& limit, int code) {
  // 127: not even the program's libraries could be opened.
  const bool documented = outcome.code == code || outcome.code == 2 || outcome.code == 3 ||
                          (outcome.code == 127 && limit.kind != "closed");
  if (!documented) return fmt::format("exit code {}: {}", outcome.code, outcome.err);
  if (outcome.code != code && limit.has_stderr() && outcome.err.empty())
    return fmt::format("exit code {} without a word", outcome.code);
  return "";
}

struct Counts {
  int tried = 0, unharmed = 0, wrong = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const auto seed = static_cast<std::uint64_t>(argc > 1 ? std::atoll(argv[1]) : 1);
  const double seconds = argc > 2 ? std::atof(argv[2]) : 1e9;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  FaultScene scene;
  const std::vector<LastingCommand> commands = lasting_commands(scene.step);
  const std::vector<Limit> limits = all_limits();
  std::vector<int> codes;
  std::vector<std::pair<std::size_t, std::size_t>> trials;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    codes.push_back(run(scene.step, commands[i]).code);
    for (std::size_t j = 0; j < limits.size(); ++j) trials.emplace_back(i, j);
  }
  scene.remember();
  std::shuffle(trials.begin(), trials.end(), std::mt19937_64(seed));
  std::map<std::string, Counts> counts;
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& [i, j] : trials) {
    if (std::chrono::steady_clock::now() - begin > std::chrono::duration<double>(seconds)) break;
    const Limit& limit = limits[j];
    scene.reset();
    scene.step.bench.before = limit.before;
    scene.step.bench.redirect = limit.redirect;
    const Outcome outcome = run(scene.step, commands[i]);
    std::string wrong = problem(outcome, limit, codes[i]);
    if (wrong.empty()) wrong = scene.left_behind();
    Counts& count = counts[limit.kind];
    ++count.tried;
    count.unharmed += outcome.code == codes[i];
    count.wrong += !wrong.empty();
    if (wrong.empty()) continue;
    fmt::print("{}, {}: {}\n", commands[i].name, limit.name, wrong);
    scene.tidy();
  }
  int wrong = 0;
  for (const auto& [kind, count] : counts) {
    fmt::print("{:12} {:4} tried, {:4} unharmed, {:4} wrong\n", kind, count.tried, count.unharmed,
               count.wrong);
    wrong += count.wrong;
  }
  return wrong == 0 && !counts.empty() ? 0 : 1;
}
