// SPDX-License-Identifier: Apache-2.0
// A runner without a GPU, for the black-box tests: `measure --kind K --request F --out G`, as the
// real one, and `tune --request F --out G`, which chooses `tuned` for every GEMM. What it does is
// scripted by PERFGATE_FAKE_RUNNER (a bench's FAKE_RUNNER), a
// ';'-separated list:
//   crash  crash-once  crash-timing-once  hang  interrupt  terminate  signal:N (to the gate, then
//   it hangs)  kill-gate  kill-group  garbage  half  link:TARGET  fifo (in place of its answer)
//   daemon (a process in a session of its own is left running)  takes:MS (before it answers)
//   nothing exit3 exit2 refuse refuse-timing big-log  othergpu  otherboard  otherplan
//   crash-counters crash-after:N (all processes but the first N) no-stretch and what fake_process()
//   takes.
// PERFGATE_FAKE_RUNNER_STATE names a file that counts the processes; PERFGATE_FAKE_RUNNER_GPU is
// "name|uuid".
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gate/decode/decode_source.h"
#include "gate/os/files.h"
#include "gate/record/record.h"
#include "gate/util/id_table.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

std::string environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

/// Returns how many processes came before this one, and counts it.
int count_process() {
  const std::string state = environment("PERFGATE_FAKE_RUNNER_STATE", "");
  if (state.empty()) return 0;
  const auto before = std::filesystem::exists(state) ? std::filesystem::file_size(state) : 0;
  // Not by a new file: killed in the middle, this runner would leave one beside it.
  append_file(state, "x");
  return static_cast<int>(before);
}

[[noreturn]] void crash() {
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

std::vector<GemmChoice> tuned_choices(const Plan& plan) {
  std::vector<GemmChoice> choices;
  for (const auto& [workload, cases] : decode_plan(plan).workloads)
    for (const StageInfo& info : stages)
      if (const auto shape = gemm_shape(workload, info.stage)) {
        const GemmChoice choice{*shape, workload.dtype, "tuned", 0.0125};
        if (std::none_of(choices.begin(), choices.end(),
                         [&](const GemmChoice& known) { return same_gemm(known, choice); }))
          choices.push_back(choice);
      }
  return choices;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> option;
  for (int i = 2; i + 1 < argc; i += 2) option[argv[i]] = argv[i + 1];
  if (argc == 2 && std::string(argv[1]) == "list") {
    std::puts("CUDA 12.8, cuBLAS 12.8.4, fp16 and bf16\ncounters on: GH100 GB100");
    return 0;
  }
  if (argc == 2 && std::string(argv[1]) == "beat") {
    std::printf("memory beat: %s\n",
                environment("PERFGATE_FAKE_RUNNER_BEAT", "every 100.15 us, for 0.60 us").c_str());
    return 0;
  }
  const bool tuning = argc > 1 && std::string(argv[1]) == "tune";
  if (argc < 2 || (std::string(argv[1]) != "measure" && !tuning)) return 2;
  const int index = count_process();
  const std::string script = environment("PERFGATE_FAKE_RUNNER", "");
  std::map<std::string, std::string> asked;
  for (const std::string& behaviour : split(script, ';')) {
    const auto words = split(behaviour, ':');
    asked[words[0]] = words.size() > 1 ? words[1] : "";
  }
  // The stages to stretch are slow, unless this runner only pretends.
  std::string slow;
  if (const std::string stretch = option["--stretch"];
      !stretch.empty() && !asked.contains("no-stretch")) {
    const auto parts = split(stretch, '=');
    for (const std::string& stage : split(parts[0], ','))
      slow += fmt::format(";slow:*/{}:{}", stage, 1 + std::stod(parts[1]));
  }
  const auto is = [&](const char* behaviour) { return asked.contains(behaviour); };
  const bool counters = option["--kind"] == "counters";

  if (is("daemon") && ::fork() == 0) {
    ::setsid();
    for (;;) ::pause();
  }
  if (is("interrupt")) ::kill(::getppid(), SIGINT);
  if (is("terminate")) ::kill(::getppid(), SIGTERM);
  if (is("signal")) ::kill(::getppid(), std::atoi(asked["signal"].c_str()));
  if (is("kill-gate")) ::kill(::getppid(), SIGKILL);
  if (is("kill-group")) ::kill(-::getpgid(::getppid()), SIGKILL);  // the gate's, not ours
  if (is("hang") || is("signal") || is("interrupt") || is("terminate") || is("kill-gate") ||
      is("kill-group"))
    for (;;) ::pause();
  if (is("crash") || (is("crash-once") && index == 0) || (is("crash-counters") && counters) ||
      (is("crash-timing-once") && index == 1) ||
      (is("crash-after") && index >= std::atoi(asked["crash-after"].c_str()))) {
    std::fputs("starting up\nCUDA error: an illegal memory access\n", stderr);
    crash();
  }
  if (is("exit3")) {
    std::fputs("perfgate-runner: no device 0\n", stderr);
    return 3;
  }
  if (is("exit2")) {
    std::fputs("The following argument was not expected: --new\nRun with --help.\n", stderr);
    return 2;
  }
  if (is("refuse") || (is("refuse-timing") && !counters)) {
    std::fputs("starting up\nperfgate-runner: error: backend own: use --backend auto\n", stderr);
    return 2;
  }
  if (is("takes"))
    std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(asked["takes"].c_str())));
  if (is("big-log"))
    for (int i = 0; i < 20000; ++i) std::fprintf(stderr, "line %d of a very long log\n", i);
  if (is("nothing")) return 0;
  if (is("link")) {
    std::filesystem::create_symlink(asked["link"], option["--out"]);
    return 0;
  }
  if (is("fifo")) return ::mkfifo(option["--out"].c_str(), 0600);

  RunRecord record = read_record(read_file(option["--request"]), "request");
  if (tuning) {
    set_choices(record.plan, tuned_choices(record.plan));
    write_file(option["--out"],
               is("garbage") ? "Segmentation fault {[" : write_record(record, RawSamples::keep));
    std::puts("the table of what was tuned");
    return 0;
  }
  const auto names = split(environment("PERFGATE_FAKE_RUNNER_GPU", "NVIDIA H200|GPU-aaaa"), '|');
  record.gpu = h200();
  record.gpu->driver.reset();  // the gate knows that from NVML
  record.gpu->name = is("othergpu") ? "NVIDIA L4" : names[0];
  record.gpu->uuid = is("othergpu") || is("otherboard") ? "GPU-ffff" : names[1];
  if (is("otherplan")) record.plan.samples += 1;
  const ProcessKind kind = find_by_id(process_kinds, option["--kind"])->kind;
  record.processes = {fake_process(record.plan, kind, index, script + slow)};
  if (std::find(argv, argv + argc, std::string_view("--timeline")) != argv + argc)
    for (const auto& [workload, cases] : decode_plan(record.plan).workloads)
      for (const LaunchingInfo& info : launchings)
        record.processes[0].timelines.push_back(timeline_of(workload, info.launching));
  std::string text = write_record(record, RawSamples::keep);
  if (is("garbage")) text = "Segmentation fault {[";
  if (is("half")) text.resize(text.size() / 2);
  write_file(option["--out"], text);
  return 0;
}
