// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/nvml_library.h"

#include <dlfcn.h>

#include <cstdlib>

namespace perfgate {

std::string nvml_library_name() {
  const char* other = std::getenv("PERFGATE_NVML");
  return other && *other ? other : "libnvidia-ml.so.1";
}

Nvml::Nvml() : m_handle(::dlopen(nvml_library_name().c_str(), RTLD_NOW | RTLD_LOCAL)) {
  m_ready = m_handle && call("nvmlInit_v2");
}

Nvml::~Nvml() {
  if (m_ready) call("nvmlShutdown");
  if (m_handle) ::dlclose(m_handle);
}

NvmlDevice Nvml::device(const std::string& uuid) const {
  NvmlDevice found = nullptr;
  if (!m_ready || !call("nvmlDeviceGetHandleByUUID", uuid.c_str(), &found)) return nullptr;
  return found;
}

void* Nvml::symbol(const char* name) const {
  return m_handle ? ::dlsym(m_handle, name) : nullptr;
}

}  // namespace perfgate
