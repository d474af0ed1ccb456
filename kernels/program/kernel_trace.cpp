// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/kernel_trace.h"

#include <cupti.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "gate/util/demangle.h"
#include "kernels/cupti/cupti_check.h"

namespace perfgate {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{8} << 20;

struct Record {
  KernelLaunch launch;
  std::string mangled;  ///< "": a graph
  std::uint64_t start_ns = 0, end_ns = 0, node = 0;
  std::uint32_t correlation = 0;
  int stream = 0;
  bool whole_graph = false;
};

struct Filled {
  std::uint8_t* data;
  std::size_t bytes;
};

/// CUPTI's buffer callbacks carry no pointer of ours, and come from a thread of its own, even while
/// the process exits: so this is never destroyed.
struct Buffers {
  std::mutex mutex;
  std::vector<Filled> filled;
  bool read = false;  ///< nothing that comes later is wanted: a program may run on for hours
};
Buffers& buffers() {
  static auto* const only = new Buffers;
  return *only;
}

void CUPTIAPI give_buffer(std::uint8_t** data, std::size_t* size, std::size_t* most) noexcept {
  *data = static_cast<std::uint8_t*>(std::calloc(1, buffer_bytes));
  *size = *data != nullptr ? buffer_bytes : 0;
  *most = 0;  // as many as fit
}

/// The records are read later, by the thread that writes: not in the program's launching thread.
void CUPTIAPI take_buffer(CUcontext, std::uint32_t, std::uint8_t* data, std::size_t,
                          std::size_t bytes) noexcept {
  if (data == nullptr) return;
  try {
    const std::lock_guard lock(buffers().mutex);
    if (!buffers().read) {
      buffers().filled.push_back({data, bytes});
      return;
    }
  } catch (...) {  // memory is short: its records count as lost
  }
  std::free(data);
}

Record kernel_record(const CUpti_ActivityKernel10& from) {
  Record to;
  to.mangled = from.name != nullptr ? from.name : "";
  to.launch.name = demangle(from.name != nullptr ? from.name : "(unnamed kernel)");
  to.launch.grid = {from.gridX, from.gridY, from.gridZ};
  to.launch.block = {from.blockX, from.blockY, from.blockZ};
  to.launch.registers = from.registersPerThread;
  to.launch.shared_bytes = std::int64_t{from.staticSharedMemory} + from.dynamicSharedMemory;
  to.start_ns = from.start;
  to.end_ns = from.end;
  to.node = from.graphNodeId;
  to.correlation = from.correlationId;
  to.stream = static_cast<int>(from.streamId);
  return to;
}

Record graph_record(const CUpti_ActivityGraphTrace2& from) {
  Record to;
  to.launch = {"(CUDA graph)", {1, 1, 1}, {1, 1, 1}, 0, 0};
  to.start_ns = from.start;
  to.end_ns = from.end;
  to.correlation = from.correlationId;
  to.stream = static_cast<int>(from.streamId);
  to.whole_graph = true;
  return to;
}

template <class Keep>
void read_buffers(Keep keep) {
  std::vector<Filled> filled;
  {
    const std::lock_guard lock(buffers().mutex);
    filled.swap(buffers().filled);
    buffers().read = true;
  }
  for (const Filled& buffer : filled) {
    CUpti_Activity* record = nullptr;
    while (cuptiActivityGetNextRecord(buffer.data, buffer.bytes, &record) == CUPTI_SUCCESS) {
      if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)
        keep(kernel_record(*reinterpret_cast<const CUpti_ActivityKernel10*>(record)));
      if (record->kind == CUPTI_ACTIVITY_KIND_GRAPH_TRACE)
        keep(graph_record(*reinterpret_cast<const CUpti_ActivityGraphTrace2*>(record)));
    }
    std::free(buffer.data);
  }
}

/// Gives each different launch one index. Two kernels may look the same demangled, such as those of
/// anonymous namespaces, and have different code.
class LaunchTable {
 public:
  explicit LaunchTable(Observation& observation) : m_observation(&observation) {}
  std::size_t index_of(const Record& record) {
    const auto key =
        std::tuple(record.mangled, record.launch.grid, record.launch.block,
                   record.launch.shared_bytes, record.whole_graph, record.node != 0, record.stream);
    const auto [at, added] = m_index.emplace(key, m_observation->launches.size());
    if (added) {
      m_observation->launches.push_back(record.launch);
      m_observation->graphs.push_back(record.whole_graph);
      m_observation->in_graph.push_back(record.node != 0);
      m_observation->streams.push_back(record.stream);
      m_mangled.push_back(record.mangled);
    }
    return at->second;
  }
  const std::vector<std::string>& mangled() const { return m_mangled; }

 private:
  Observation* m_observation;
  std::vector<std::string> m_mangled;  ///< names of Observation::launches
  std::map<std::tuple<std::string, std::array<int, 3>, std::array<int, 3>, std::int64_t, bool, bool,
                      int>,
           std::size_t>
      m_index;
};

/// Fills in the codes of the launches, as far as they are known.
void add_codes(const std::vector<std::string>& mangled, LoadedModules& modules,
               std::vector<KernelLaunch>& launches) {
  const FunctionHashes hashes = modules.hashes({mangled.begin(), mangled.end()});
  for (std::size_t i = 0; i < launches.size(); ++i) launches[i].code = code_of(hashes, mangled[i]);
}

struct Placed {
  std::size_t order;  ///< of its launch
  Record record;
};

}  // namespace

void KernelTrace::enable(bool whole_graphs) {
  std::uint8_t zeroed = 1;
  std::size_t size = sizeof(zeroed);
  check(cuptiActivitySetAttribute(CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER, &size, &zeroed),
        "cuptiActivitySetAttribute(ZEROED_OUT_ACTIVITY_BUFFER)");
  check(cuptiActivityRegisterCallbacks(give_buffer, take_buffer), "cuptiActivityRegisterCallbacks");
  check(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL), "cuptiActivityEnable(kernels)");
  if (whole_graphs)
    check(cuptiActivityEnable(CUPTI_ACTIVITY_KIND_GRAPH_TRACE), "cuptiActivityEnable(graphs)");
  m_enabled = true;
}

void KernelTrace::launched(std::uint32_t correlation, std::int64_t occurrence) {
  const std::lock_guard lock(m_mutex);
  m_occurrence_of[correlation] = occurrence;
  m_order.emplace(correlation, m_order.size());
}

void KernelTrace::graph_launched(std::uint32_t correlation) {
  const std::lock_guard lock(m_mutex);
  m_graph_launches.emplace(correlation, m_graph_launches.size());
}

void KernelTrace::node_captured(std::uint64_t node, std::size_t name) {
  const std::lock_guard lock(m_mutex);
  m_captured_in[node] = name;
}

void KernelTrace::node_cloned(std::uint64_t node, std::uint64_t original) {
  const std::lock_guard lock(m_mutex);
  // It is copied, not moved: a graph can be instantiated twice.
  if (const auto found = m_captured_in.find(original); found != m_captured_in.end())
    m_captured_in[node] = found->second;
}

bool KernelTrace::captured_any() {
  const std::lock_guard lock(m_mutex);
  return !m_captured_in.empty();
}

void KernelTrace::collect(const std::vector<std::size_t>& name_of, LoadedModules& modules,
                          Observation& observation) {
  if (!m_enabled) return;
  // The first flush delivers what is complete, the forced one the buffers that are not yet full.
  check(cuptiActivityFlushAll(0), "cuptiActivityFlushAll");
  check(cuptiActivityFlushAll(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED), "cuptiActivityFlushAll(FORCED)");
  std::size_t dropped = 0;
  check(cuptiActivityGetNumDroppedRecords(nullptr, 0, &dropped),
        "cuptiActivityGetNumDroppedRecords");
  if (dropped > 0)
    observation.failures.push_back("CUPTI dropped " + std::to_string(dropped) +
                                   " records: the trace is no evidence");
  const std::lock_guard lock(m_mutex);
  // (0, occurrence) of a range around the launch; (1 + launch of the graph, name) of a capture.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Placed>> placed;
  std::set<std::pair<std::size_t, std::size_t>> unfinished;
  std::unordered_map<std::uint32_t, bool> found;
  std::uint64_t begin_ns = std::numeric_limits<std::uint64_t>::max();
  read_buffers([&](Record record) {
    std::pair<std::size_t, std::size_t> key;
    std::size_t order = 0;
    if (const auto at = m_occurrence_of.find(record.correlation); at != m_occurrence_of.end()) {
      key = {0, static_cast<std::size_t>(at->second)};
      order = m_order.at(record.correlation);
      found[record.correlation] = true;
    } else {
      const auto graph = m_graph_launches.find(record.correlation);
      const auto node = m_captured_in.find(record.node);
      if (record.node == 0 || graph == m_graph_launches.end() || node == m_captured_in.end())
        return;
      key = {1 + graph->second, node->second};
    }
    if (record.start_ns == 0 || record.end_ns < record.start_ns) {
      // A graph's last launch may not be over; no occurrence of it is whole then.
      if (key.first > 0)
        unfinished.insert(key);
      else
        observation.failures.push_back("CUPTI has no valid times for " + record.launch.name);
      return;
    }
    begin_ns = std::min(begin_ns, record.start_ns);
    placed[key].push_back({order, std::move(record)});
  });
  for (const auto& key : unfinished) placed.erase(key);
  for (const auto& [correlation, occurrence] : m_occurrence_of)
    if (!found.contains(correlation)) ++observation.lost;

  LaunchTable table(observation);
  for (auto& [key, records] : placed) {
    // By launch, and within a graph by node: streams make the order of starts a matter of luck.
    std::stable_sort(records.begin(), records.end(), [](const Placed& a, const Placed& b) {
      return std::pair(a.order, a.record.node) < std::pair(b.order, b.record.node);
    });
    Occurrence occurrence;
    occurrence.captured = key.first > 0;
    occurrence.name = occurrence.captured ? key.second : name_of[key.second];
    for (const Placed& entry : records) {
      occurrence.launches.push_back(table.index_of(entry.record));
      occurrence.start_ns.push_back(static_cast<std::int64_t>(entry.record.start_ns - begin_ns));
      occurrence.end_ns.push_back(static_cast<std::int64_t>(entry.record.end_ns - begin_ns));
    }
    observation.occurrences.push_back(std::move(occurrence));
  }
  add_codes(table.mangled(), modules, observation.launches);
}

}  // namespace perfgate
