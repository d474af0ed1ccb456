// SPDX-License-Identifier: Apache-2.0
// What the modes of fake_cuda_program.cpp call.
#pragma once

#include <cuda.h>
#include <nvtx3/nvToolsExt.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

inline constexpr int steps = 64;
inline CUstream const first = nullptr;
inline CUstream const second = reinterpret_cast<CUstream>(std::uintptr_t{6});

inline void check(CUresult status, const char* what) {
  if (status == CUDA_SUCCESS) return;
  std::fprintf(stderr, "%s: CUDA error %d: initialization error\n", what, status);
  std::exit(1);
}

/// `name` ends in the kernel's microseconds.
inline void launch(const char* name, CUstream stream = first) {
  CUfunction function = nullptr;
  check(cuModuleGetFunction(&function, nullptr, name), "cuModuleGetFunction");
  check(cuLaunchKernel(function, 1, 1, 1, 128, 1, 1, 0, stream, nullptr, nullptr),
        "cuLaunchKernel");
}

/// A push/pop range around `work`.
inline void in_range(const char* name, const std::function<void()>& work) {
  nvtxRangePushA(name);
  work();
  nvtxRangePop();
}

inline void repeat(const std::function<void(int)>& work, int times = steps) {
  for (int i = 0; i < times; ++i) work(i);
  check(cuCtxSynchronize(), "cuCtxSynchronize");
}

inline void nested_step(int number) {
  launch("before_4");
  in_range(("outer_" + std::to_string(number)).c_str(), [] {
    launch("norm_2");
    in_range("inner", [] {
      launch("gemm_45");
      launch("add_3");
    });
  });
}

using Modes = std::map<std::string, std::function<void()>>;
/// Programs that fork, end threads and contexts, capture, wait for signals and run on.
Modes lifetime_modes();
