// SPDX-License-Identifier: Apache-2.0
#include "gate/gpu/gpu_choice.h"

#include <fmt/format.h>

#include <cstdlib>

#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

GpuList usable_gpus() {
  GpuList list = list_gpus();
  if (list.gpus.empty()) return list;
  list.gpus = visible_gpus(list.gpus, std::getenv("CUDA_VISIBLE_DEVICES"));
  if (list.gpus.empty()) list.why_none = "CUDA_VISIBLE_DEVICES hides every GPU";
  return list;
}

NvmlGpu choose_gpu(const Config& config, const std::vector<NvmlGpu>& gpus,
                   const std::string& wanted) {
  if (wanted == "auto") return gpus.front();
  std::vector<std::string> there;
  for (const NvmlGpu& gpu : gpus) {
    const std::string id = gpu_id(config.gpus, gpu.name);
    if (id == wanted) return gpu;
    there.push_back(fmt::format("{} ({})", id, gpu.name));
  }
  std::vector<std::string> known;
  for (const GpuModel& gpu : config.gpus) known.push_back(gpu.id);
  const bool unknown = !find_gpu(config.gpus, wanted);
  throw NoVerdict(fmt::format("--gpu {}: this machine has {}{}", wanted, join(there),
                              unknown ? did_you_mean(wanted, known) : ""));
}

}  // namespace perfgate
