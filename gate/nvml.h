// The GPU as the driver's management library sees it. Loaded with dlopen, because nvml.h and the
// library are not always there: a machine without a driver simply has no GPU. Reads only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace perfgate {

struct NvmlGpu {
  std::string name, uuid;
  std::string driver;
  std::optional<std::string> vbios;
  std::optional<double> power_limit_w;
  std::optional<bool> ecc, mig;
};

/// The GPUs of this machine, in NVML's order. `why_none` says why the list is empty.
struct GpuList {
  std::vector<NvmlGpu> gpus;
  std::string why_none;
};

/// Loads `library`, by default libnvidia-ml.so.1; the environment variable PERFGATE_NVML names
/// another one (the tests' fake).
GpuList list_gpus();

/// Those of `list` that CUDA_VISIBLE_DEVICES (`visible`, null when unset) lets a program use, in
/// its order. It may name indices, UUIDs or beginnings of UUIDs.
std::vector<NvmlGpu> visible_gpus(const std::vector<NvmlGpu>& list, const char* visible);

}  // namespace perfgate
