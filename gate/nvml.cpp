#include "nvml.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <type_traits>

namespace perfgate {

namespace {

// The few declarations of nvml.h that are used (NVML API reference, "Device Queries").
using NvmlDevice = void*;
constexpr int nvml_success = 0;

class Library {
 public:
  explicit Library(const char* name) : m_handle(::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}
  ~Library() {
    if (m_handle) ::dlclose(m_handle);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  explicit operator bool() const { return m_handle != nullptr; }

  /// Calls `name`; false when the library has no such function or it reports an error.
  template <class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    void* symbol = ::dlsym(m_handle, name);
    if (!symbol) return false;
    return reinterpret_cast<int (*)(Arguments...)>(symbol)(arguments...) == nvml_success;
  }

 private:
  void* m_handle;
};

/// A text that NVML writes into a buffer behind `leading` arguments.
template <class... Leading>
std::optional<std::string> text(const Library& nvml, const char* name, Leading... leading) {
  std::array<char, 96> buffer{};
  if (!nvml.call(name, leading..., buffer.data(), static_cast<unsigned>(buffer.size())))
    return std::nullopt;
  buffer.back() = '\0';
  return std::string(buffer.data());
}

std::optional<bool> switched_on(const Library& nvml, const char* name, NvmlDevice device) {
  unsigned now = 0, pending = 0;
  if (!nvml.call(name, device, &now, &pending)) return std::nullopt;
  return now != 0;
}

NvmlGpu read_gpu(const Library& nvml, NvmlDevice device, const std::string& driver) {
  NvmlGpu gpu;
  gpu.name = text(nvml, "nvmlDeviceGetName", device).value_or("unknown GPU");
  gpu.uuid = text(nvml, "nvmlDeviceGetUUID", device).value_or("");
  gpu.driver = driver;
  gpu.vbios = text(nvml, "nvmlDeviceGetVbiosVersion", device);
  unsigned milliwatts = 0;
  if (nvml.call("nvmlDeviceGetEnforcedPowerLimit", device, &milliwatts))
    gpu.power_limit_w = milliwatts / 1000.0;
  gpu.ecc = switched_on(nvml, "nvmlDeviceGetEccMode", device);
  gpu.mig = switched_on(nvml, "nvmlDeviceGetMigMode", device);
  return gpu;
}

}  // namespace

GpuList list_gpus() {
  const char* other = std::getenv("PERFGATE_NVML");
  const char* name = other && *other ? other : "libnvidia-ml.so.1";
  const Library nvml(name);
  if (!nvml) return {{}, fmt::format("no NVIDIA driver here ({} is not there)", name)};
  if (!nvml.call("nvmlInit_v2"))
    return {{}, "the NVIDIA driver does not answer (nvmlInit failed; try nvidia-smi)"};
  GpuList list;
  const std::string driver = text(nvml, "nvmlSystemGetDriverVersion").value_or("unknown");
  unsigned count = 0;
  nvml.call("nvmlDeviceGetCount_v2", &count);
  for (unsigned i = 0; i < count; ++i) {
    NvmlDevice device = nullptr;
    if (nvml.call("nvmlDeviceGetHandleByIndex_v2", i, &device))
      list.gpus.push_back(read_gpu(nvml, device, driver));
  }
  nvml.call("nvmlShutdown");
  if (list.gpus.empty()) list.why_none = "the NVIDIA driver is there, but it has no GPU";
  return list;
}

std::vector<NvmlGpu> visible_gpus(const std::vector<NvmlGpu>& list, const char* visible) {
  if (!visible) return list;
  std::vector<NvmlGpu> out;
  std::string entry;
  const auto take = [&] {
    if (entry.empty()) return;
    char* end = nullptr;
    const unsigned long index = std::strtoul(entry.c_str(), &end, 10);
    if (*end == '\0' && index < list.size()) out.push_back(list[index]);
    if (*end != '\0')
      for (const NvmlGpu& gpu : list)
        if (gpu.uuid.starts_with(entry)) out.push_back(gpu);
    entry.clear();
  };
  for (const char* c = visible; *c; ++c) {
    if (*c == ',')
      take();
    else if (*c != ' ')
      entry += *c;
  }
  take();
  return out;
}

}  // namespace perfgate
