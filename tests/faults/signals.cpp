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

#include "tests/faults/fault_scene.h"

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

#ifdef __SANITIZE_ADDRESS__
constexpr double slack = 4;  // a sanitizer makes all slower, and looks for leaks at the end
#else
constexpr double slack = 1;
#endif

/// From the signal to the end of the process, with the end of its runner.
constexpr double longest_reaction_s = 1 * slack;
/// A run whose signal came after its last wait ends as if there had been none, and then at once.
/// One that goes on for longer has not seen its signal.
constexpr double longest_rest_s = 0.25 * slack;

double now_s() {
  return std::chrono::duration<double>(fs::file_time_type::clock::now().time_since_epoch()).count();
}

/// What happened to the run of one signal.
struct Trial {
  Outcome outcome;
  bool sent = false;      ///< the process was there to get it
  double reaction_s = 0;  ///< from then to its end
};

/// How often a command ended in which way.
struct Counts {
  int interrupted = 0, finished = 0, before_main = 0, unharmed = 0, missed = 0, wrong = 0;
  double slowest_s = 0, longest_rest_s = 0;
};

struct BenchCommand : LastingCommand {
  double duration_s = 0;  ///< when it is left alone
  int code = 0;           ///< its exit code then
  Counts counts{};
};

class FaultBench {
 public:
  FaultBench();
  /// Returns false when something was wrong, and says what.
  bool try_one(std::mt19937_64& random);
  /// Prints a line for each command and one for all. Returns how many were wrong.
  int summary() const;

 private:
  Trial send(const BenchCommand& command, const Signal& signal, double delay_s);
  std::string problem(BenchCommand& command, const Signal& signal, const Trial& trial) const;

  FaultScene m_scene;
  const fs::path m_sent = m_scene.step.bench.root() / "sent";
  std::vector<BenchCommand> m_commands;
};

FaultBench::FaultBench() {
  for (const LastingCommand& command : lasting_commands(m_scene.step)) {
    m_commands.push_back({command});
    if (!command.runner && command.name != "ab") continue;
    // As in the field, most of the time is then spent waiting for a measurement.
    m_commands.push_back({command});
    m_commands.back().name += ", slow runner";
    m_commands.back().env["FAKE_RUNNER"] = "takes:100";
  }
  for (BenchCommand& command : m_commands) {
    const double begin = now_s();
    command.code = run(m_scene.step, command).code;
    command.duration_s = now_s() - begin;
  }
  m_scene.remember();
}

Trial FaultBench::send(const BenchCommand& command, const Signal& signal, double delay_s) {
  // $$ is the shell's process id, which becomes perfgate's. What waits there ends with it.
  m_scene.reset();
  m_scene.step.bench.before = fmt::format(
      ": >\"$out\"; : >\"$err\"; {{ (sleep {:.4f}; : >'{}'; kill -{} $$) </dev/null >/dev/null "
      "2>&1 & }}",
      delay_s, m_sent.string(), signal.name);
  fs::remove(m_sent);
  Trial trial{run(m_scene.step, command)};
  const double end_s = now_s();
  m_scene.step.bench.before.clear();
  trial.sent = fs::exists(m_sent);
  if (trial.sent)
    trial.reaction_s =
        end_s -
        std::chrono::duration<double>(fs::last_write_time(m_sent).time_since_epoch()).count();
  return trial;
}

std::string FaultBench::problem(BenchCommand& command, const Signal& signal,
                                const Trial& trial) const {
  const Outcome& outcome = trial.outcome;
  Counts& counts = command.counts;
  const bool silent = outcome.out.empty() && outcome.err.empty();
  const bool named =
      outcome.err.ends_with(fmt::format("perfgate: error: interrupted by SIG{}\n", signal.name));
  if (trial.sent && signal.ends && outcome.code == 130 && named) {
    ++counts.interrupted;
    counts.slowest_s = std::max(counts.slowest_s, trial.reaction_s);
    if (trial.reaction_s > longest_reaction_s)
      return fmt::format("the reaction took {:.2f} s", trial.reaction_s);
  } else if (trial.sent && silent && outcome.code == 128 + signal.number) {
    ++counts.before_main;
  } else if (outcome.code != command.code) {
    return fmt::format(
        "exit code {}, stderr ends: {}", outcome.code,
        outcome.err.substr(outcome.err.size() - std::min<std::size_t>(outcome.err.size(), 300)));
  } else if (!trial.sent) {
    ++counts.missed;
  } else if (!signal.ends) {
    ++counts.unharmed;
  } else {
    ++counts.finished;
    counts.longest_rest_s = std::max(counts.longest_rest_s, trial.reaction_s);
    if (trial.reaction_s > longest_rest_s)
      return fmt::format("it went on for {:.2f} s as if no signal had come", trial.reaction_s);
  }
  return m_scene.left_behind();
}

bool FaultBench::try_one(std::mt19937_64& random) {
  BenchCommand& command = m_commands[random() % m_commands.size()];
  const Signal& signal = signals[random() % signals.size()];
  const double delay_s = std::uniform_real_distribution<>(0, 1.05 * command.duration_s)(random);
  const Trial trial = send(command, signal, delay_s);
  const std::string wrong = problem(command, signal, trial);
  if (wrong.empty()) return true;
  ++command.counts.wrong;
  fmt::print("{}, SIG{} after {:.4f} s: {}\n", command.name, signal.name, delay_s, wrong);
  m_scene.tidy();
  return false;
}

int FaultBench::summary() const {
  fmt::print("{:28} {:>4} {:>6} {:>5} {:>8} {:>8} {:>11} {:>6} {:>9} {:>6} {:>5}\n", "command",
             "exit", "s", "130", "finished", "unharmed", "before main", "missed", "slowest s",
             "rest s", "wrong");
  const auto print = [](const std::string& name, const std::string& code, const std::string& s,
                        const Counts& counts) {
    fmt::print("{:28} {:>4} {:>6} {:5} {:8} {:8} {:11} {:6} {:9.3f} {:6.3f} {:5}\n", name, code, s,
               counts.interrupted, counts.finished, counts.unharmed, counts.before_main,
               counts.missed, counts.slowest_s, counts.longest_rest_s, counts.wrong);
  };
  Counts all;
  for (const BenchCommand& command : m_commands) {
    const Counts& counts = command.counts;
    print(command.name, fmt::format("{}", command.code), fmt::format("{:.2f}", command.duration_s),
          counts);
    all.interrupted += counts.interrupted;
    all.finished += counts.finished;
    all.unharmed += counts.unharmed;
    all.before_main += counts.before_main;
    all.missed += counts.missed;
    all.wrong += counts.wrong;
    all.slowest_s = std::max(all.slowest_s, counts.slowest_s);
    all.longest_rest_s = std::max(all.longest_rest_s, counts.longest_rest_s);
  }
  print("all", "", "", all);
  return all.wrong;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
  const auto seed = static_cast<std::uint64_t>(argc > 2 ? std::atoll(argv[2]) : 1);
  const double seconds = argc > 3 ? std::atof(argv[3]) : 1e9;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  // Under nohup and in the background of a shell they are ignored: perfgate would go on after a
  // SIGHUP, as it should, and before its main after the others.
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT}) std::signal(signal, SIG_DFL);
  std::mt19937_64 random(seed);
  FaultBench bench;
  const double begin = now_s();
  for (int tried = 0; tried < count && now_s() - begin < seconds; ++tried) bench.try_one(random);
  return bench.summary() == 0 ? 0 : 1;
}
