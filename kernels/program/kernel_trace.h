// SPDX-License-Identifier: Apache-2.0
// When the kernels of the wanted occurrences ran: CUPTI's activity records, attributed by the
// launch.
//
// Attribution is never by time, because a range is over before its kernels run. Each launch has a
// correlation id, noted by the launching thread together with its range. A node of a CUDA graph has
// two ranges: that in which its graph is launched, and that in which it was captured; the first
// counts where there is one.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gate/program/observation.h"
#include "kernels/program/loaded_modules.h"

namespace perfgate {

class KernelTrace {
 public:
  /// Registers the buffers and enables the records. `whole_graphs`: a graph is one record. Throws
  /// DeviceError.
  void enable(bool whole_graphs);

  /// The launch with this correlation id belongs to an occurrence.
  void launched(std::uint32_t correlation, std::int64_t occurrence);
  /// A graph that was captured in a range was launched outside of any.
  void graph_launched(std::uint32_t correlation);
  void node_captured(std::uint64_t node, std::size_t name);
  void node_cloned(std::uint64_t node, std::uint64_t original);
  bool captured_any();

  /// Asks CUPTI for all records, and adds occurrences, launches and what is lost. `name_of` has the
  /// range name's index of each occurrence number. The device must be idle. The launches have the
  /// codes that `modules` knows.
  void collect(const std::vector<std::size_t>& name_of, LoadedModules& modules,
               Observation& observation);

 private:
  std::mutex m_mutex;
  bool m_enabled = false;
  std::unordered_map<std::uint32_t, std::int64_t> m_occurrence_of;  ///< by correlation id
  std::unordered_map<std::uint32_t, std::size_t> m_order;           ///< launch order, by the same
  std::unordered_map<std::uint32_t, std::size_t> m_graph_launches;  ///< order, by the same
  std::unordered_map<std::uint64_t, std::size_t> m_captured_in;     ///< name index, by node
};

}  // namespace perfgate
