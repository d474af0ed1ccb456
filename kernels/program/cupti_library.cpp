// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/cupti_library.h"

#include <cupti_result.h>
#include <cupti_version.h>
#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <vector>

namespace perfgate {
namespace {

// CUPTI 13.0 without an update crashes in programs that use NVTX (github.com/NVIDIA/NVTX issue
// 125).
constexpr std::uint32_t oldest_version = 130001;
constexpr const char* folder_variable = "PERFGATE_CUPTI_FOLDER";

void* cupti = nullptr;

std::vector<std::string> folders() {
  std::vector<std::string> out;
  if (const char* wanted = std::getenv(folder_variable)) return {wanted};
  for (const char* folder :
       {PERFGATE_CUPTI_FOLDER, "/usr/local/cuda/lib64", "/usr/local/cuda/extras/CUPTI/lib64"})
    out.emplace_back(folder);
  return out;
}

std::string try_open(CuptiFor use) {
  const std::string file = "/libcupti.so." + std::to_string(CUPTI_API_VERSION / 10000);
  std::string tried;
  for (const std::string& folder : folders()) {
    // To count, libcupti opens these two by name, and would find another copy's. They take a
    // sixth of a second, which a process that is only timed need not pay.
    if (use == CuptiFor::counting)
      for (const char* needed : {"/libnvperf_host.so", "/libnvperf_target.so"})
        dlopen((folder + needed).c_str(), RTLD_NOW | RTLD_LOCAL);
    cupti = dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (cupti != nullptr) break;
    tried += (tried.empty() ? "" : ", ") + folder + file;
  }
  if (cupti == nullptr)
    return "CUPTI is in none of " + tried + ": set " + folder_variable +
           " to the folder of the CUDA toolkit that has it";
  std::uint32_t version = 0;
  using Version = CUptiResult (*)(std::uint32_t*);
  auto* const get = reinterpret_cast<Version>(dlsym(cupti, "cuptiGetVersion"));
  if (get == nullptr || get(&version) != CUPTI_SUCCESS) return "CUPTI does not tell its version";
  if (version < oldest_version)
    return "CUPTI " + std::to_string(version) + " is older than " + std::to_string(oldest_version) +
           ", and crashes in programs that use NVTX: install a newer CUDA toolkit";
  return "";
}

}  // namespace

std::string open_cupti(CuptiFor use) {
  static const std::string answer = try_open(use);
  return answer;
}

void* cupti_function(const char* name) {
  return cupti != nullptr ? dlsym(cupti, name) : nullptr;
}

}  // namespace perfgate
