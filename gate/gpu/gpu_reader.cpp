// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/gpu_reader.h"

#include <algorithm>

namespace perfgate {

namespace {

std::optional<double> clock_hz(const Nvml& nvml, NvmlDevice device, NvmlClock clock) {
  const auto mhz = nvml.number<unsigned>("nvmlDeviceGetClockInfo", device, int{clock});
  // A clock of 0 means that the driver does not know it.
  if (!mhz || *mhz == 0) return std::nullopt;
  return *mhz * 1e6;
}

std::optional<std::uint64_t> read_events(const Nvml& nvml, NvmlDevice device) {
  auto events = nvml.number<unsigned long long>("nvmlDeviceGetCurrentClocksEventReasons", device);
  if (!events)  // its name before driver 535
    events = nvml.number<unsigned long long>("nvmlDeviceGetCurrentClocksThrottleReasons", device);
  if (!events) return std::nullopt;
  return *events;
}

std::optional<std::vector<GpuProcess>> read_processes(const Nvml& nvml, NvmlDevice device) {
  std::vector<NvmlProcessInfo> found(64);
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto count = static_cast<unsigned>(found.size());
    const int status =
        nvml.status("nvmlDeviceGetComputeRunningProcesses_v3", device, &count, found.data());
    if (status == nvml_insufficient_size) {
      found.resize(2 * static_cast<std::size_t>(count) + 16);
      continue;
    }
    if (status != nvml_success) return std::nullopt;
    std::vector<GpuProcess> processes;
    for (unsigned i = 0; i < count; ++i) {
      const unsigned pid = found[i].pid;
      std::string name = nvml.text("nvmlSystemGetProcessName", pid).value_or("");
      // The program's name is enough; its arguments may be private.
      name.erase(std::min(name.find(' '), name.size()));
      if (const auto slash = name.rfind('/'); slash != std::string::npos) name.erase(0, slash + 1);
      processes.push_back({pid, std::move(name)});
    }
    return processes;
  }
  return std::nullopt;
}

}  // namespace

GpuReading GpuReader::read(ReadProcesses processes) const {
  GpuReading reading;
  if (!m_device) return reading;
  reading.sm_clock_hz = clock_hz(m_nvml, m_device, nvml_clock_sm);
  reading.memory_clock_hz = clock_hz(m_nvml, m_device, nvml_clock_memory);
  if (const auto milliwatts = m_nvml.number<unsigned>("nvmlDeviceGetPowerUsage", m_device))
    reading.power_w = *milliwatts / 1000.0;
  // Sensor 0 is the GPU's die.
  if (const auto celsius = m_nvml.number<unsigned>("nvmlDeviceGetTemperature", m_device, 0))
    reading.temperature_c = *celsius;
  reading.events = read_events(m_nvml, m_device);
  if (processes == ReadProcesses::yes) reading.processes = read_processes(m_nvml, m_device);
  return reading;
}

}  // namespace perfgate
