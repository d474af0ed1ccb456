// SPDX-License-Identifier: Apache-2.0
// Reads one GPU's present state. It changes nothing.
#pragma once

#include <string>

#include "gate/gpu/nvml_library.h"
#include "gate/record/conditions.h"

namespace perfgate {

enum class ReadProcesses { yes, no };

class GpuReader {
 public:
  explicit GpuReader(const std::string& uuid) : m_device(m_nvml.device(uuid)) {}

  /// Reads everything that the driver tells; the process list takes longer than all the rest.
  GpuReading read(ReadProcesses processes) const;

 private:
  Nvml m_nvml;
  NvmlDevice m_device;
};

}  // namespace perfgate
