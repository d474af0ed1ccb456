// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/nvml.h"

#include <cstdlib>

#include "gate/os/files.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Sets the environment for one test; restores it afterwards.
class Environment {
 public:
  explicit Environment(std::initializer_list<std::pair<std::string, std::string>> variables)
      : m_variables(variables) {
    for (const auto& [name, value] : m_variables) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : m_variables) ::unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> m_variables;
};

const std::string two_gpus = "NVIDIA H200|GPU-aaaa;NVIDIA A100-SXM4-80GB|GPU-bbbb";

std::string uuids(const std::vector<NvmlGpu>& gpus) {
  std::string out;
  for (const NvmlGpu& gpu : gpus) out += gpu.uuid + " ";
  return out;
}

}  // namespace

TEST_CASE("GPUs are read with everything that the driver says", "[nvml]") {
  const Environment environment({{"PERFGATE_NVML", FAKE_NVML}, {"FAKE_NVML_GPUS", two_gpus}});
  const GpuList list = list_gpus();
  REQUIRE(list.gpus.size() == 2);
  CHECK(list.gpus[0].name == "NVIDIA H200");
  CHECK(list.gpus[0].driver == "570.86.15");
  CHECK(list.gpus[0].vbios == "96.00.99.00.01");
  CHECK(list.gpus[0].power_limit_w == 700.5);
  CHECK(list.gpus[0].ecc == true);
  CHECK(list.gpus[0].mig == false);
  CHECK(list.gpus[1].uuid == "GPU-bbbb");
}

TEST_CASE("what the driver refuses is absent, never guessed", "[nvml]") {
  const Environment environment(
      {{"PERFGATE_NVML", FAKE_NVML},
       {"FAKE_NVML_GPUS", two_gpus},
       {"FAKE_NVML_BROKEN",
        "nvmlDeviceGetMigMode nvmlDeviceGetEnforcedPowerLimit nvmlDeviceGetVbiosVersion"}});
  const GpuList list = list_gpus();
  REQUIRE(list.gpus.size() == 2);
  CHECK_FALSE(list.gpus[0].mig);
  CHECK_FALSE(list.gpus[0].power_limit_w);
  CHECK_FALSE(list.gpus[0].vbios);
  CHECK(list.gpus[0].ecc == true);
}

TEST_CASE("no driver, a dead one, one without a GPU: each says which", "[nvml]") {
  {
    const Environment environment(
        {{"PERFGATE_NVML", "/none/libnvidia-ml.so"}, {"FAKE_NVML_GPUS", two_gpus}});
    CHECK_THAT(list_gpus().why_none, ContainsSubstring("no NVIDIA driver here") &&
                                         ContainsSubstring("/none/libnvidia-ml.so"));
  }
  {
    const Environment environment(
        {{"PERFGATE_NVML", FAKE_NVML}, {"FAKE_NVML_BROKEN", "nvmlInit_v2"}});
    CHECK_THAT(list_gpus().why_none, ContainsSubstring("does not answer"));
  }
  const Environment environment({{"PERFGATE_NVML", FAKE_NVML}, {"FAKE_NVML_GPUS", ""}});
  CHECK_THAT(list_gpus().why_none, ContainsSubstring("it has no GPU"));
}

TEST_CASE("the driver is only read, never changed", "[nvml]") {
  const TemporaryDirectory folder;
  const std::string log = (folder.path() / "log").string();
  const Environment environment(
      {{"PERFGATE_NVML", FAKE_NVML}, {"FAKE_NVML_GPUS", two_gpus}, {"FAKE_NVML_LOG", log}});
  list_gpus();
  const auto calls = split(read_file(log), '\n');
  CHECK(calls.front() == "nvmlInit_v2");
  CHECK(calls.back() == "nvmlShutdown");
  for (const std::string& call : calls) {
    INFO(call);
    CHECK(
        (call.find("Get") != std::string::npos || call == "nvmlInit_v2" || call == "nvmlShutdown"));
  }
}

TEST_CASE("CUDA_VISIBLE_DEVICES chooses as CUDA does", "[nvml]") {
  std::vector<NvmlGpu> list(4);
  const char* const names[] = {"GPU-aaaa1", "GPU-bbbb2", "GPU-bbcc3", "GPU-dddd4"};
  for (std::size_t i = 0; i < 4; ++i) list[i].uuid = names[i];
  CHECK(visible_gpus(list, nullptr).size() == 4);
  CHECK(visible_gpus(list, "").empty());
  CHECK(uuids(visible_gpus(list, "2,1")) == "GPU-bbcc3 GPU-bbbb2 ");
  CHECK(uuids(visible_gpus(list, "GPU-dddd4, 0")) == "GPU-dddd4 GPU-aaaa1 ");
  CHECK(uuids(visible_gpus(list, "GPU-bbb")) == "GPU-bbbb2 ");
  CHECK(visible_gpus(list, "-1").empty());
  CHECK(visible_gpus(list, "NoDevFiles").empty());
  CHECK(visible_gpus(list, "4").empty());
  // CUDA programming guide: only devices before the first invalid index are visible; with
  // 0,2,-1,1 they are 0 and 2.
  CHECK(uuids(visible_gpus(list, "0,2,-1,1")) == "GPU-aaaa1 GPU-bbcc3 ");
}
