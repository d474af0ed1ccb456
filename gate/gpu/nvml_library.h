// SPDX-License-Identifier: Apache-2.0
// The driver's management library, loaded with dlopen, because nvml.h and the library are not
// always there. Functions are called by name; where the driver lacks one, the call returns
// nvml_function_not_found.
#pragma once

#include <array>
#include <optional>
#include <string>

namespace perfgate {

// The few declarations of nvml.h that are used (NVML API reference): names, values and layouts are
// NVIDIA's.
using NvmlDevice = void*;
enum NvmlStatus : int {
  nvml_success = 0,
  nvml_not_supported = 3,
  nvml_no_permission = 4,
  nvml_insufficient_size = 7,
  nvml_function_not_found = 13,
};
enum NvmlClock : int { nvml_clock_graphics = 0, nvml_clock_sm = 1, nvml_clock_memory = 2 };

/// nvmlProcessInfo_t of the _v2 and _v3 functions.
struct NvmlProcessInfo {
  unsigned pid;
  unsigned long long used_gpu_memory;
  unsigned gpu_instance_id, compute_instance_id;
};
static_assert(sizeof(NvmlProcessInfo) == 24);

/// The library that is loaded: libnvidia-ml.so.1, or the one that the environment variable
/// PERFGATE_NVML names (the tests' fake).
std::string nvml_library_name();

class Nvml {
 public:
  /// Loads and initialises the library, which stays initialised for the object's life: without
  /// persistence mode the driver forgets settings when its last client leaves.
  Nvml();
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool loaded() const { return m_handle != nullptr; }
  bool ready() const { return m_ready; }

  /// Calls the function `name` and returns its status; nvml_function_not_found where the driver
  /// lacks it.
  template <class... Arguments>
  int status(const char* name, Arguments... arguments) const {
    void* function = symbol(name);
    if (!function) return nvml_function_not_found;
    return reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
  }
  template <class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    return status(name, arguments...) == nvml_success;
  }

  /// Returns a number that NVML writes behind `leading` arguments.
  template <class Number, class... Leading>
  std::optional<Number> number(const char* name, Leading... leading) const {
    Number value{};
    if (!call(name, leading..., &value)) return std::nullopt;
    return value;
  }

  /// Returns a text that NVML writes into a buffer behind `leading` arguments.
  template <class... Leading>
  std::optional<std::string> text(const char* name, Leading... leading) const {
    std::array<char, 256> buffer{};
    if (!call(name, leading..., buffer.data(), static_cast<unsigned>(buffer.size())))
      return std::nullopt;
    buffer.back() = '\0';
    return std::string(buffer.data());
  }

  /// Returns null when this machine has no such GPU.
  NvmlDevice device(const std::string& uuid) const;

 private:
  void* symbol(const char* name) const;

  void* m_handle;
  bool m_ready = false;
};

}  // namespace perfgate
