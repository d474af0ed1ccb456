// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <thread>

#include "tests/cuda/fake_cuda_calls.h"

namespace {

bool no_more_threads = false;

}  // namespace

/// As where a limit of the container is reached.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*run)(void*), void* argument) noexcept {
  if (no_more_threads) return EAGAIN;
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return create(thread, attributes, run, argument);
}

namespace {

/// The outer range launches once more when the inner one has ended.
void around() {
  repeat([](int number) {
    in_range(("outer_" + std::to_string(number)).c_str(), [] {
      launch("norm_2");
      in_range("inner", [] { launch("gemm_45"); });
      launch("add_3");
    });
  });
}

/// As around, but helpers launch.
void helpers() {
  repeat([](int) {
    in_range("outer", [] {
      in_range("inner", [] { std::thread([] { launch("gemm_45"); }).join(); });
      std::thread([] { launch("add_3"); }).join();
    });
  });
}

/// A thread for each step, which ends without popping its range; then it waits for ever.
void unpopped() {
  repeat([](int) {
    std::thread([] {
      nvtxRangePushA("step");
      launch("gemm_45");
    }).join();
  });
  for (;;) pause();
}

/// A thread launches all the time, beside the one that has the ranges.
void beside() {
  std::atomic<bool> ends{false};
  std::thread other([&] {
    while (!ends) {
      launch("other_1", second);
      usleep(100);
    }
  });
  repeat([](int number) {
    nested_step(number);
    usleep(1000);
  });
  ends = true;
  other.join();
}

/// Each step launches in two contexts, and neither is waited for.
void contexts() {
  CUcontext one = nullptr, other = nullptr;
  check(cuCtxGetCurrent(&one), "cuCtxGetCurrent");
  check(cuCtxCreate(&other, nullptr, 0, 0), "cuCtxCreate");
  for (int i = 0; i < steps; ++i)
    in_range("step", [&] {
      cuCtxSetCurrent(one);
      launch("gemm_45");
      cuCtxSetCurrent(other);
      launch("add_3");
    });
}

/// A context is gone when the program ends.
void context_ends() {
  CUcontext one = nullptr, other = nullptr;
  check(cuCtxGetCurrent(&one), "cuCtxGetCurrent");
  check(cuCtxCreate(&other, nullptr, 0, 0), "cuCtxCreate");
  repeat([](int) { launch("gemm_45"); });
  cuCtxSetCurrent(one);
  check(cuCtxDestroy(other), "cuCtxDestroy");
  repeat([](int) { launch("gemm_45"); });
}

/// Ranges end while another stream captures, after a stream that captures nothing was ended.
void capture_to_graph() {
  CUgraph graph = nullptr, none = nullptr;
  check(cuStreamBeginCapture(second, CU_STREAM_CAPTURE_MODE_GLOBAL), "cuStreamBeginCapture");
  check(cuStreamEndCapture(second, &graph), "cuStreamEndCapture");
  if (cuStreamEndCapture(first, &none) == CUDA_SUCCESS) std::exit(1);
  repeat([&](int) {
    check(cuStreamBeginCaptureToGraph(second, graph, nullptr, nullptr, 0,
                                      CU_STREAM_CAPTURE_MODE_RELAXED),
          "cuStreamBeginCaptureToGraph");
    in_range("step", [] { launch("gemm_45"); });
    usleep(5000);
    check(cuStreamEndCapture(second, &graph), "cuStreamEndCapture");
  });
}

/// Once threads of other libraries run, its signals are waited for in one thread.
void waits_for_signals() {
  nested_step(0);
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  int signal = 0;
  kill(getpid(), SIGUSR1);
  sigwait(&awaited, &signal);
  repeat(nested_step);
}

void without_threads() {
  no_more_threads = true;
  repeat(nested_step);
}

std::int64_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  status >> size >> resident;
  return resident * getpagesize();
}

/// Goes on for long when everything was seen.
void runs_on() {
  repeat(nested_step);
  usleep(300000);
  const auto launches = [](int count) {
    for (int i = 0; i < count; ++i) launch("tiny_0");
    check(cuCtxSynchronize(), "cuCtxSynchronize");
  };
  launches(50000);
  const std::int64_t before = resident_bytes();
  launches(300000);
  const std::int64_t grown = resident_bytes() - before;
  std::printf("grown by %lld bytes\n", static_cast<long long>(grown));
  if (grown > std::int64_t{40} << 20) std::exit(1);
}

/// NVTX is called first, and the wanted occurrences are not complete at the exit.
void nvtx_first() {
  in_range("before", [] {});
  check(cuInit(0), "cuInit");
  repeat([](int) { launch("gemm_45"); });
}

/// The parent has called NVTX, but CUDA is its worker's.
void fork_before_cuda() {
  in_range("before", [] {});
  const pid_t child = fork();
  if (child == 0) {
    check(cuInit(0), "cuInit");
    repeat(nested_step);
    std::exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::exit(WEXITSTATUS(status));
}

}  // namespace

Modes lifetime_modes() {
  return {
      {"around", around},
      {"helpers", helpers},
      {"unpopped", unpopped},
      {"beside", beside},
      {"contexts", contexts},
      {"context-ends", context_ends},
      {"capture-to-graph", capture_to_graph},
      {"waits-for-signals", waits_for_signals},
      {"without-threads", without_threads},
      {"runs-on", runs_on},
      {"nvtx-first", nvtx_first},
      {"fork-before-cuda", fork_before_cuda},
  };
}
