// SPDX-License-Identifier: Apache-2.0
// A GPU of arithmetic, as one library that stands for both libcuda and libcupti: the few functions
// of the two that the injection library and tests/cuda/fake_cuda_program.cpp call. Its clock moves
// by what is launched, so every time and counter that perfgate must report is known beforehand.
//
// A kernel's name ends in its microseconds: "gemm_45". A counter's value for it follows from that
// (fake_cupti.cpp), and the first kernel after a start of the range profiler finds a dirty L2, as
// on the real thing. "spin_1" does not end before "release_1" was launched.
//
// FAKE_GPU holds its misbehaviours, separated by commas:
//   busy  old  dropped  zero-times  loses
//   no-rights  monitored  mig  vgpu  vgpu-rights  vgpu-off  no-counters  many-passes
#pragma once

inline constexpr double dirty_l2_bytes = 27e6;
inline constexpr double bytes_per_us = 1e6;  ///< that a kernel writes
