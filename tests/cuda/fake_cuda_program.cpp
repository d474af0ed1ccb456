// SPDX-License-Identifier: Apache-2.0
// A program that uses CUDA and NVTX as real ones do, on the fake GPU (fake_gpu.h): NVTX is the real
// header, which loads the injection library by itself. The argument says what it does; most modes
// do it 64 times.
#include <cuda.h>
#include <cudaProfiler.h>
#include <nvtx3/nvToolsExt.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>

#include "tests/cuda/fake_cuda_calls.h"
#include "tests/support/made_cubin.h"

extern char** environ;

namespace {

void nested() {
  repeat(nested_step);
}

using Codes = std::map<std::string, std::string>;

void load(const Codes& codes, Elf64_Half machine = EM_CUDA) {
  MadeCubin cubin;
  cubin.header.e_machine = machine;
  for (const auto& [name, code] : codes) cubin.add(".text." + name, code);
  CUmodule module = nullptr;
  check(cuModuleLoadData(&module, cubin.image().c_str()), "cuModuleLoadData");
}

/// Its kernels' code is known; one has another code in a second module, which may not be readable.
void modules(const Codes& second, Elf64_Half machine = EM_CUDA) {
  load({{"norm_2", "foobar"}, {"gemm_45", "foobar"}, {"add_3", "a"}, {"unused_1", "b"}});
  if (!second.empty()) load(second, machine);
  nested();
}

void streams() {
  repeat([](int) {
    in_range("step", [] {
      launch("gemm_45");
      launch("norm_2", second);
    });
    check(cuCtxSynchronize(), "cuCtxSynchronize");  // else the second stream runs ahead
  });
}

CUgraphExec captured(const char* range) {
  CUgraph graph = nullptr;
  CUgraphExec executable = nullptr;
  check(cuStreamBeginCapture(first, CU_STREAM_CAPTURE_MODE_GLOBAL), "cuStreamBeginCapture");
  in_range(range, [] {
    launch("gemm_45");
    launch("norm_2");
  });
  launch("add_3");
  check(cuStreamEndCapture(first, &graph), "cuStreamEndCapture");
  check(cuGraphInstantiate(&executable, graph, 0), "cuGraphInstantiate");
  return executable;
}

/// Each replay is in a range of its own.
void graph() {
  CUgraphExec const executable = captured("body");
  repeat([&](int) {
    in_range("replay", [&] { check(cuGraphLaunch(executable, first), "cuGraphLaunch"); });
  });
}

/// Only the capture was in a range.
void replays() {
  CUgraphExec const executable = captured("body");
  repeat([&](int) { check(cuGraphLaunch(executable, first), "cuGraphLaunch"); });
}

void other_thread() {
  repeat([](int) { in_range("step", [] { std::thread([] { launch("gemm_45"); }).join(); }); });
}

/// A start/end range that another thread ends.
void start_end() {
  repeat([](int) {
    const nvtxRangeId_t id = nvtxRangeStartA("request");
    launch("norm_2");
    std::thread([id] {
      launch("gemm_45");
      nvtxRangeEnd(id);
    }).join();
  });
}

/// A range of a second domain, whose name is a registered string, in one with a wide name.
void domains() {
  nvtxDomainHandle_t const engine = nvtxDomainCreateA("engine");
  nvtxEventAttributes_t step{};
  step.version = NVTX_VERSION;
  step.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  step.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  step.message.registered = nvtxDomainRegisterStringA(engine, "step");
  repeat([&](int) {
    nvtxRangePushW(L"whole");
    launch("norm_2");
    nvtxDomainRangePushEx(engine, &step);
    launch("gemm_45");
    nvtxRangePop();  // the domains nest each by itself
    launch("add_3");
    nvtxDomainRangePop(engine);
  });
}

void without_nvtx() {
  repeat([](int) { launch("gemm_45"); });
}

void profiler_api() {
  repeat([](int) {
    cuProfilerStart();
    launch("gemm_45");
    cuProfilerStop();
  });
}

void spins() {
  repeat([](int) {
    in_range("step", [] {
      launch("spin_1");
      launch("release_1", second);
    });
  });
}

/// Every second occurrence launches one more.
void alternates() {
  repeat([](int number) {
    in_range("outer", [&] {
      launch("gemm_45");
      if (number % 2 == 1) launch("add_3");
    });
  });
}

/// Every fourth occurrence launches one more.
void sometimes() {
  repeat([](int number) {
    in_range("outer", [&] {
      launch("gemm_45");
      if (number % 4 == 3) launch("add_3");
    });
  });
}

void ends_by(int signal) {
  repeat(nested_step, 10);
  std::raise(signal);
}

void floods() {
  repeat([](int number) {
    nested_step(number);
    for (int i = 0; i < 4000; ++i)
      std::printf("step %d, line %d of output that nobody reads\n", number, i);
  });
}

/// Before the wanted occurrences are complete.
void hangs() {
  repeat(nested_step, 10);
  for (;;) pause();
}

void fork_after_cuda() {
  const pid_t child = fork();
  if (child == 0) {
    nested();
    std::_Exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::exit(WEXITSTATUS(status));
}

void spawns(char* self) {
  char mode[] = "nested";
  char* const arguments[] = {self, mode, nullptr};
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environ) != 0)
    std::exit(1);
  waitpid(child, &status, 0);
}

/// The same ranges are the launcher's, which has no CUDA.
void launcher(char* self) {
  for (int i = 0; i < steps; ++i)
    in_range(("outer_" + std::to_string(i)).c_str(), [] { in_range("inner", [] {}); });
  usleep(300000);
  spawns(self);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  Modes modes = lifetime_modes();
  modes.merge(Modes{
      {"nested", nested},
      {"modules", [] { modules({}); }},
      {"twin-modules",
       [] {
         modules({{"gemm_45", "other"}, {"norm_2", "foobar"}});
       }},
      {"broken-module",
       [] {
         modules({{"other_1", "other"}}, EM_NONE);
       }},
      {"streams", streams},
      {"graph", graph},
      {"replays", replays},
      {"other-thread", other_thread},
      {"start-end", start_end},
      {"domains", domains},
      {"without-nvtx", without_nvtx},
      {"profiler-api", profiler_api},
      {"spins", spins},
      {"alternates", alternates},
      {"sometimes", sometimes},
      {"terminated", [] { ends_by(SIGTERM); }},
      {"three", [] { repeat(nested_step, 3); }},
      {"killed", [] { ends_by(SIGKILL); }},
      {"aborts", [] { ends_by(SIGABRT); }},
      {"floods", floods},
      {"hangs", hangs},
      {"few", [] { repeat(nested_step, 10); }},
      {"fork", fork_after_cuda},
      {"spawn", [&] { spawns(argv[0]); }},
      {"launcher", [&] { launcher(argv[0]); }},
      {"without-cuda", [] { in_range("outer", [] {}); }},
  });
  const std::set<std::string> initialise_themselves{"without-cuda", "spawn", "launcher",
                                                    "nvtx-first", "fork-before-cuda"};
  if (!modes.contains(mode)) return 2;
  if (!initialise_themselves.contains(mode)) check(cuInit(0), "cuInit");
  modes.at(mode)();
}
