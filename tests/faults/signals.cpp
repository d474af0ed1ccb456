// SPDX-License-Identifier: Apache-2.0
// Fault bench: signals at random moments of every command that lasts, with the fake runner, the
// fake driver and a fake GitHub. After each: a documented exit code, an error line that names the
// signal, nothing left behind, no locked clock, no open check run, a reaction in time.
//
//   perfgate-fault-bench [COUNT [SEED [SECONDS]]]   1000 signals by default, without a time limit
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <random>

#include "tests/support/step.h"

using perfgate::read_file;
using perfgate::write_file;
namespace fs = std::filesystem;

namespace {

struct Signal {
  int number;
  const char* name;
  bool ends;  ///< the others only let a write fail
};
constexpr std::array signals{Signal{SIGINT, "INT", true},    Signal{SIGTERM, "TERM", true},
                             Signal{SIGHUP, "HUP", true},    Signal{SIGQUIT, "QUIT", true},
                             Signal{SIGPIPE, "PIPE", false}, Signal{SIGXFSZ, "XFSZ", false}};

/// The slowest reaction that is accepted; it includes the end of the runner on a busy machine.
constexpr double longest_reaction_s = 3;

struct Command {
  std::string name;
  std::vector<std::string> arguments;
  bool runner = true;     ///< --runner belongs to it
  double duration_s = 0;  ///< when it is left alone
  int code = 0;           ///< its exit code then
};

std::vector<Command> commands(const std::string& build) {
  const std::string program = Bench::program();
  return {{"check", {"--json", "r.json", "--lock-clocks"}},
          {"check --post", {"--post", "check,comment,status"}},
          {"run", {"run", "-o", "run.json"}},
          {"refresh", {"baseline", "refresh"}},
          {"refresh --only", {"baseline", "refresh", "--only", "*/o_proj"}},
          {"ab", {"ab", "--base", build, "--head", build, "-o", "ab.json"}, false},
          {"qualify", {"qualify", "--rounds", "6"}},
          {"profile",
           {"profile", "--library", program, "--nvtx-include", "my_decode_*_5/", "-o", "p.json",
            "--", program}},
          {"publish", {"publish", "pass.json", "--post", "check,comment,status"}, false},
          {"compare", {"compare", "good.json", "--html", "c.html"}, false}};
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::file_clock::now().time_since_epoch()).count();
}

class FaultBench {
 public:
  FaultBench() : m_runner(m_step.bench.runner) {
    m_step.bench.env["FAKE_NVML_LOG"] = m_log.string();
    const fs::path build = m_step.bench.root() / "build";
    write_file(build, "#!/bin/sh\nexec " + m_runner + " \"$@\"\n");
    fs::permissions(build, fs::perms::owner_all);
    m_commands = commands(build.string());
    for (Command& command : m_commands) {
      const double begin = now_s();
      command.code = run(command).code;
      command.duration_s = now_s() - begin;
      fmt::print("{}: exit {}, {:.2f} s\n", command.name, command.code, command.duration_s);
    }
    m_before = files();
  }

  /// Returns false when something was wrong, and says what.
  bool try_one(std::mt19937_64& random);
  std::size_t hits() const { return m_hits; }
  std::size_t early() const { return m_early; }
  double slowest_s() const { return m_slowest_s; }

 private:
  Outcome run(const Command& command) {
    m_step.bench.runner = command.runner ? m_runner : "";
    return m_step.bench.perfgate(command.arguments);
  }

  /// All files but those that commands and the fakes write under their own names.
  std::vector<std::string> files() const {
    std::vector<std::string> all = m_step.bench.files(m_step.bench.root());
    std::erase_if(all, [](const std::string& file) {
      return file.ends_with(".json") || file.ends_with(".html") || file == "killed" ||
             file == "nvml.log" || file == "runner-state" || file.starts_with("state/");
    });
    return all;
  }

  std::string problem(const Command& command, const Signal& signal, const Outcome& outcome);
  std::string left_behind() const;

  Step m_step;
  std::string m_runner;
  const fs::path m_log = m_step.bench.root() / "nvml.log",
                 m_killed = m_step.bench.root() / "killed";
  std::vector<Command> m_commands;
  std::vector<std::string> m_before;
  std::size_t m_hits = 0, m_early = 0;
  double m_slowest_s = 0;
};

std::string FaultBench::left_behind() const {
  if (const auto left = m_step.bench.leftovers(); !left.empty()) return "left " + left.front();
  for (const std::string& file : files())
    if (std::find(m_before.begin(), m_before.end(), file) == m_before.end()) return "left " + file;
  for (const perfgate::Json& check : m_step.github.checks)
    if (check["status"] != "completed") return "a check run is in progress";
  if (!fs::exists(m_log)) return "";
  const std::string log = read_file(m_log);
  const std::size_t locked = log.rfind("SetGpuLockedClocks"),
                    reset = log.rfind("ResetGpuLockedClocks");
  if (locked != std::string::npos && (reset == std::string::npos || reset < locked))
    return "the clocks stay locked";
  return "";
}

std::string FaultBench::problem(const Command& command, const Signal& signal,
                                const Outcome& outcome) {
  const bool as_ever = outcome.code == command.code;
  const bool before_main = outcome.code == 128 + signal.number && outcome.code != 130 &&
                           outcome.out.empty() && outcome.err.empty();
  const bool int_before_main =
      signal.number == SIGINT && outcome.code == 130 && outcome.err.empty();
  if (before_main || int_before_main) ++m_early;
  const bool named =
      outcome.err.ends_with(fmt::format("perfgate: error: interrupted by SIG{}\n", signal.name));
  const bool interrupted = signal.ends && outcome.code == 130 && named;
  if (!as_ever && !before_main && !int_before_main && !interrupted)
    return fmt::format(
        "exit code {}, stderr ends: {}", outcome.code,
        outcome.err.substr(outcome.err.size() - std::min<std::size_t>(outcome.err.size(), 300)));
  return left_behind();
}

bool FaultBench::try_one(std::mt19937_64& random) {
  const Command& command = m_commands[random() % m_commands.size()];
  const Signal& signal = signals[random() % signals.size()];
  const double delay_s = std::uniform_real_distribution<>(0, 1.1 * command.duration_s)(random);
  // $$ is the shell's process id, which becomes perfgate's.
  m_step.bench.before = fmt::format(
      ": >\"$out\"; : >\"$err\"; {{ (sleep {:.4f}; : >'{}'; kill -{} $$) </dev/null >/dev/null "
      "2>&1 & }}",
      delay_s, m_killed.string(), signal.name);
  fs::remove(m_killed);
  fs::remove(m_log);
  m_step.github.checks.clear();
  const Outcome outcome = run(command);
  const double end_s = now_s();
  m_step.bench.before.clear();
  std::string wrong = problem(command, signal, outcome);
  if (fs::exists(m_killed)) {
    ++m_hits;
    const double reaction_s =
        end_s -
        std::chrono::duration<double>(fs::last_write_time(m_killed).time_since_epoch()).count();
    if (signal.ends) m_slowest_s = std::max(m_slowest_s, reaction_s);
    if (signal.ends && reaction_s > longest_reaction_s && wrong.empty())
      wrong = fmt::format("the reaction took {:.2f} s", reaction_s);
  }
  if (wrong.empty()) return true;
  fmt::print("{}, SIG{} after {:.4f} s: {}\n", command.name, signal.name, delay_s, wrong);
  for (const std::string& left : m_step.bench.leftovers())
    fs::remove_all(m_step.bench.root() / "tmp" / left);
  m_before = files();
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
  const auto seed = static_cast<std::uint64_t>(argc > 2 ? std::atoll(argv[2]) : 1);
  const double seconds = argc > 3 ? std::atof(argv[3]) : 1e9;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::signal(SIGHUP, SIG_DFL);  // under nohup perfgate would go on, as it should
  std::mt19937_64 random(seed);
  const double begin = now_s();
  FaultBench bench;
  int tried = 0, wrong = 0;
  for (; tried < count && now_s() - begin < seconds; ++tried)
    if (!bench.try_one(random)) ++wrong;
  fmt::print(
      "{} runs, {} signals sent in time, {} before main, slowest reaction {:.2f} s, {} wrong\n",
      tried, bench.hits(), bench.early(), bench.slowest_s(), wrong);
  return wrong == 0 ? 0 : 1;
}
