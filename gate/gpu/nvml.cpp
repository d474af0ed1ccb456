// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/nvml.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "gate/gpu/nvml_library.h"

namespace perfgate {

namespace {

std::optional<bool> switched_on(const Nvml& nvml, const char* name, NvmlDevice device) {
  unsigned now = 0, pending = 0;
  if (!nvml.call(name, device, &now, &pending)) return std::nullopt;
  return now != 0;
}

std::optional<double> watts(const Nvml& nvml, const char* name, NvmlDevice device) {
  const auto milliwatts = nvml.number<unsigned>(name, device);
  if (!milliwatts) return std::nullopt;
  return *milliwatts / 1000.0;
}

std::optional<int> small(std::optional<unsigned> value) {
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

NvmlGpu read_gpu(const Nvml& nvml, NvmlDevice device, const std::string& driver) {
  NvmlGpu gpu;
  gpu.name = nvml.text("nvmlDeviceGetName", device).value_or("unknown GPU");
  gpu.uuid = nvml.text("nvmlDeviceGetUUID", device).value_or("");
  gpu.driver = driver;
  gpu.vbios = nvml.text("nvmlDeviceGetVbiosVersion", device);
  gpu.power_limit_w = watts(nvml, "nvmlDeviceGetEnforcedPowerLimit", device);
  gpu.default_power_limit_w = watts(nvml, "nvmlDeviceGetPowerManagementDefaultLimit", device);
  gpu.ecc = switched_on(nvml, "nvmlDeviceGetEccMode", device);
  gpu.mig = switched_on(nvml, "nvmlDeviceGetMigMode", device);
  if (const auto mode = nvml.number<int>("nvmlDeviceGetPersistenceMode", device))
    gpu.persistence = *mode != 0;
  // The link slows down when it is idle, so its present generation says nothing.
  gpu.pcie_generation = small(nvml.number<unsigned>("nvmlDeviceGetMaxPcieLinkGeneration", device));
  gpu.pcie_width = small(nvml.number<unsigned>("nvmlDeviceGetCurrPcieLinkWidth", device));
  gpu.max_sm_mhz =
      small(nvml.number<unsigned>("nvmlDeviceGetMaxClockInfo", device, int{nvml_clock_sm}));
  gpu.max_memory_mhz =
      small(nvml.number<unsigned>("nvmlDeviceGetMaxClockInfo", device, int{nvml_clock_memory}));
  gpu.virtualization = nvml.number<int>("nvmlDeviceGetVirtualizationMode", device);
  return gpu;
}

}  // namespace

GpuList list_gpus() {
  const Nvml nvml;
  if (!nvml.loaded())
    return {{}, fmt::format("no NVIDIA driver here ({} is not there)", nvml_library_name())};
  if (!nvml.ready())
    return {{}, "the NVIDIA driver does not answer (nvmlInit failed; try nvidia-smi)"};
  GpuList list;
  const std::string driver = nvml.text("nvmlSystemGetDriverVersion").value_or("unknown");
  unsigned count = 0;
  nvml.call("nvmlDeviceGetCount_v2", &count);
  for (unsigned i = 0; i < count; ++i) {
    NvmlDevice device = nullptr;
    if (nvml.call("nvmlDeviceGetHandleByIndex_v2", i, &device))
      list.gpus.push_back(read_gpu(nvml, device, driver));
  }
  if (list.gpus.empty()) list.why_none = "the NVIDIA driver is there, but it has no GPU";
  return list;
}

std::vector<NvmlGpu> visible_gpus(const std::vector<NvmlGpu>& list, const char* visible) {
  if (!visible) return list;
  std::vector<NvmlGpu> out;
  std::string_view rest = visible;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string entry(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    std::erase(entry, ' ');
    char* end = nullptr;
    const unsigned long index = std::strtoul(entry.c_str(), &end, 10);
    const bool is_index = !entry.empty() && *end == '\0';
    const auto found =
        is_index
            ? (index < list.size() ? list.begin() + static_cast<std::ptrdiff_t>(index) : list.end())
            : std::find_if(list.begin(), list.end(), [&](const NvmlGpu& gpu) {
                return !entry.empty() && gpu.uuid.starts_with(entry);
              });
    // CUDA hides everything after the first entry that names no GPU.
    if (found == list.end()) break;
    out.push_back(*found);
  }
  return out;
}

}  // namespace perfgate
