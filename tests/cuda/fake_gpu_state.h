// SPDX-License-Identifier: Apache-2.0
// What the two halves of the fake GPU share: fake_driver.cpp runs the kernels, fake_cupti.cpp tells
// of them.
#pragma once

#include <cuda.h>
#include <cupti.h>

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fake {

/// Whether FAKE_GPU names it.
bool misbehaves(const char* how);

struct Kernel {
  std::string name;
  std::int64_t ns = 0;
};

struct Node {
  const Kernel* kernel;
  std::uint64_t id;
};

struct Graph {
  std::deque<Node> nodes;  // their addresses are handles
  bool broken = false;     ///< something waited for the device during its capture
};

struct Stream {
  std::int64_t free_at_ns = 0;
  Graph* captures = nullptr;
};

struct Record {
  bool graph = false;
  const Kernel* kernel = nullptr;
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint32_t correlation = 0, stream = 0;
  std::uint64_t node = 0;
};

/// What the range profiler counted of one range.
struct Counted {
  double ns = 0;
  bool first = false;  ///< after a start
};

struct Gpu {
  std::mutex mutex;
  int pid = 0;  ///< that initialised it; a forked child has no CUDA
  std::int64_t now_ns = 1000;
  std::uint64_t last_node = 0;
  std::uint32_t last_correlation = 0;
  std::map<std::string, Kernel> kernels;
  std::map<std::pair<CUcontext, CUstream>, Stream> streams;
  std::set<CUcontext> ended_contexts;
  bool torn_down = false;  ///< the process exits: nothing works any more
  std::deque<Graph> graphs;
  bool released = false;

  CUpti_CallbackFunc callback = nullptr;
  void* callback_data = nullptr;
  std::set<std::pair<CUpti_CallbackDomain, CUpti_CallbackId>> enabled;
  std::set<CUpti_ActivityKind> kinds;
  CUpti_BuffersCallbackRequestFunc request = nullptr;
  CUpti_BuffersCallbackCompleteFunc complete = nullptr;
  std::vector<Record> records;

  bool counting = false, automatic = false, in_range = false;
  std::vector<Counted> counted;
  std::uint8_t* counter_data = nullptr;
  int launches_counting = 0;  ///< since a start
  std::size_t passes_done = 0;
};

Gpu& gpu();

inline constexpr std::size_t most_records = 20000;  ///< complete ones are handed over from then on

/// Calls the subscriber, if it wants this one.
void call_back(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data);

/// Hands over the records of what has ended. The lock is held.
void hand_over_complete();

}  // namespace fake
