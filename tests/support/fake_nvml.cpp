// SPDX-License-Identifier: Apache-2.0
// A driver's management library with GPUs that the test chooses:
// FAKE_NVML_GPUS="name|uuid;name|uuid". Every call is a line in the file FAKE_NVML_LOG, so that a
// test can see that nothing was set. FAKE_NVML_BROKEN names functions that report an error,
// FAKE_NVML_DENIED those that lack permission.
// The state of the GPU:
//   FAKE_NVML_SM_MHZ, FAKE_NVML_MEMORY_MHZ  clocks in turn, as "1200,1980"; else what was locked
//   FAKE_NVML_EVENTS                        clocks-event reasons, as "0x4"
//   FAKE_NVML_PROCESSES                     "pid|name;pid|name"
//   FAKE_NVML_WHILE=N                       events and processes only until the Nth runner started
//   FAKE_NVML_POWER_LIMIT, FAKE_NVML_POWER_DEFAULT (milliwatts)  FAKE_NVML_ECC  FAKE_NVML_MIG
//   FAKE_NVML_PERSISTENCE  FAKE_NVML_VIRTUALIZATION  FAKE_NVML_TEMPERATURE  FAKE_NVML_DEFAULT_MHZ
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

struct Gpu {
  std::string name, uuid;
};

struct Process {  // nvmlProcessInfo_t
  unsigned pid;
  unsigned long long memory;
  unsigned gpu_instance, compute_instance;
};

std::vector<Gpu> gpus() {
  std::vector<Gpu> out;
  const char* text = std::getenv("FAKE_NVML_GPUS");
  if (!text) return out;
  bool in_uuid = false;
  for (; *text; ++text) {
    if (out.empty()) out.emplace_back();
    if (*text == ';') {
      out.emplace_back();
      in_uuid = false;
    } else if (*text == '|') {
      in_uuid = true;
    } else {
      (in_uuid ? out.back().uuid : out.back().name) += *text;
    }
  }
  return out;
}

constexpr int success = 0, error_invalid = 2, error_unsupported = 3, error_permission = 4,
              error_size = 7;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

unsigned number(const char* name, unsigned otherwise) {
  const std::string text = environment(name);
  return text.empty() ? otherwise : static_cast<unsigned>(std::stoul(text, nullptr, 0));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// Whether FAKE_NVML_WHILE still lets the GPU misbehave: the fake runner's state file has a byte
/// for each runner that was started.
bool misbehaves() {
  const std::string until = environment("FAKE_NVML_WHILE");
  if (until.empty()) return true;
  std::error_code none_yet;
  const auto started =
      std::filesystem::file_size(environment("PERFGATE_FAKE_RUNNER_STATE"), none_yet);
  return none_yet || started < std::stoul(until);
}

/// What the locks were set to, in this process.
unsigned locked_sm = 0, locked_memory = 0;

unsigned clock_mhz(const char* variable, unsigned locked, unsigned otherwise) {
  static unsigned turn = 0;
  const auto values = split(environment(variable), ',');
  if (!values.empty()) return static_cast<unsigned>(std::stoul(values[turn++ % values.size()]));
  return locked ? locked : otherwise;
}

/// Logs the call, and returns the status that it is to return.
int called(const char* function, const std::string& arguments = "") {
  if (const char* log = std::getenv("FAKE_NVML_LOG")) {
    if (std::FILE* file = std::fopen(log, "a")) {
      std::fprintf(file, "%s%s\n", function, arguments.c_str());
      std::fclose(file);
    }
  }
  const char* broken = std::getenv("FAKE_NVML_BROKEN");
  if (broken && std::strstr(broken, function)) return error_unsupported;
  const char* denied = std::getenv("FAKE_NVML_DENIED");
  return denied && std::strstr(denied, function) ? error_permission : success;
}

int copy(const char* function, const std::string& text, char* buffer, unsigned size) {
  if (const int status = called(function)) return status;
  if (text.size() + 1 > size) return error_size;
  std::memcpy(buffer, text.c_str(), text.size() + 1);
  return success;
}

/// A handle is the index plus one: never null.
const Gpu& gpu_of(void* device) {
  static Gpu found;
  found = gpus()[reinterpret_cast<std::size_t>(device) - 1];
  return found;
}

}  // namespace

extern "C" {

int nvmlInit_v2() {
  return called("nvmlInit_v2");
}
int nvmlShutdown() {
  return called("nvmlShutdown");
}
int nvmlSystemGetDriverVersion(char* buffer, unsigned size) {
  return copy("nvmlSystemGetDriverVersion", "570.86.15", buffer, size);
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(gpus().size());
  return called("nvmlDeviceGetCount_v2");
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  if (index >= gpus().size()) return error_invalid;
  *device = reinterpret_cast<void*>(static_cast<std::size_t>(index) + 1);
  return called("nvmlDeviceGetHandleByIndex_v2");
}
int nvmlDeviceGetName(void* device, char* buffer, unsigned size) {
  return copy("nvmlDeviceGetName", gpu_of(device).name, buffer, size);
}
int nvmlDeviceGetUUID(void* device, char* buffer, unsigned size) {
  return copy("nvmlDeviceGetUUID", gpu_of(device).uuid, buffer, size);
}
int nvmlDeviceGetVbiosVersion(void*, char* buffer, unsigned size) {
  return copy("nvmlDeviceGetVbiosVersion", "96.00.99.00.01", buffer, size);
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* milliwatts) {
  *milliwatts = number("FAKE_NVML_POWER_LIMIT", 700500);
  return called("nvmlDeviceGetEnforcedPowerLimit");
}
int nvmlDeviceGetEccMode(void*, unsigned* now, unsigned* pending) {
  *now = *pending = number("FAKE_NVML_ECC", 1);
  return called("nvmlDeviceGetEccMode");
}
int nvmlDeviceGetMigMode(void*, unsigned* now, unsigned* pending) {
  *now = *pending = number("FAKE_NVML_MIG", 0);
  return called("nvmlDeviceGetMigMode");
}
int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  const auto all = gpus();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].uuid == uuid) {
      *device = reinterpret_cast<void*>(i + 1);
      return called("nvmlDeviceGetHandleByUUID");
    }
  return error_invalid;
}
int nvmlDeviceGetPowerManagementDefaultLimit(void*, unsigned* milliwatts) {
  *milliwatts = number("FAKE_NVML_POWER_DEFAULT", 700500);
  return called("nvmlDeviceGetPowerManagementDefaultLimit");
}
int nvmlDeviceGetPersistenceMode(void*, int* mode) {
  *mode = static_cast<int>(number("FAKE_NVML_PERSISTENCE", 1));
  return called("nvmlDeviceGetPersistenceMode");
}
int nvmlDeviceGetMaxPcieLinkGeneration(void*, unsigned* generation) {
  *generation = 5;
  return called("nvmlDeviceGetMaxPcieLinkGeneration");
}
int nvmlDeviceGetCurrPcieLinkWidth(void*, unsigned* width) {
  *width = 16;
  return called("nvmlDeviceGetCurrPcieLinkWidth");
}
int nvmlDeviceGetVirtualizationMode(void*, int* mode) {
  *mode = static_cast<int>(number("FAKE_NVML_VIRTUALIZATION", 0));
  return called("nvmlDeviceGetVirtualizationMode");
}
int nvmlDeviceGetMaxClockInfo(void*, int clock, unsigned* mhz) {
  *mhz = clock == 2 ? 3201 : 1980;
  return called("nvmlDeviceGetMaxClockInfo");
}
int nvmlDeviceGetClockInfo(void*, int clock, unsigned* mhz) {
  *mhz = clock == 2 ? clock_mhz("FAKE_NVML_MEMORY_MHZ", locked_memory, 3201)
                    : clock_mhz("FAKE_NVML_SM_MHZ", locked_sm, 1980);
  return called("nvmlDeviceGetClockInfo");
}
int nvmlDeviceGetDefaultApplicationsClock(void*, int clock, unsigned* mhz) {
  *mhz = clock == 2 ? 3201 : number("FAKE_NVML_DEFAULT_MHZ", 1500);
  return called("nvmlDeviceGetDefaultApplicationsClock");
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 350250;
  return called("nvmlDeviceGetPowerUsage");
}
int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = number("FAKE_NVML_TEMPERATURE", 45);
  return called("nvmlDeviceGetTemperature");
}
int nvmlDeviceGetCurrentClocksEventReasons(void*, unsigned long long* reasons) {
  *reasons = misbehaves() ? number("FAKE_NVML_EVENTS", 0) : 0;
  return called("nvmlDeviceGetCurrentClocksEventReasons");
}
int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, Process* processes) {
  const int status = called("nvmlDeviceGetComputeRunningProcesses_v3");
  if (status) return status;
  const auto running =
      split(misbehaves() ? environment("FAKE_NVML_PROCESSES") : std::string(), ';');
  const unsigned room = *count;
  *count = static_cast<unsigned>(running.size());
  if (room < *count) return error_size;
  for (unsigned i = 0; i < *count; ++i)
    processes[i] = {static_cast<unsigned>(std::stoul(running[i])), 1 << 20, ~0U, ~0U};
  return success;
}
int nvmlSystemGetProcessName(unsigned pid, char* buffer, unsigned size) {
  for (const std::string& process : split(environment("FAKE_NVML_PROCESSES"), ';')) {
    const auto words = split(process, '|');
    if (words.size() > 1 && std::stoul(words[0]) == pid)
      return copy("nvmlSystemGetProcessName", words[1], buffer, size);
  }
  called("nvmlSystemGetProcessName");
  return 6;  // NVML_ERROR_NOT_FOUND
}

// These four functions are the only ones that change something.
int nvmlDeviceSetGpuLockedClocks(void*, unsigned low, unsigned high) {
  const int status = called("nvmlDeviceSetGpuLockedClocks",
                            " " + std::to_string(low) + " " + std::to_string(high));
  if (!status) locked_sm = high;
  return status;
}
int nvmlDeviceSetMemoryLockedClocks(void*, unsigned low, unsigned high) {
  const int status = called("nvmlDeviceSetMemoryLockedClocks",
                            " " + std::to_string(low) + " " + std::to_string(high));
  if (!status) locked_memory = high;
  return status;
}
int nvmlDeviceResetGpuLockedClocks(void*) {
  locked_sm = 0;
  return called("nvmlDeviceResetGpuLockedClocks");
}
int nvmlDeviceResetMemoryLockedClocks(void*) {
  locked_memory = 0;
  return called("nvmlDeviceResetMemoryLockedClocks");
}

}  // extern "C"
