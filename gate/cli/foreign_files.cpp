// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/foreign_files.h"

#include <fmt/format.h>

#include "gate/exchange/import_run.h"
#include "gate/util/error.h"

namespace perfgate {

namespace {

/// Returns the GPU that --gpu names.
GpuFingerprint named_gpu(const Config& config, const std::string& gpu) {
  GpuFingerprint named;
  const GpuModel* model = find_gpu(config.gpus, gpu);
  named.name = model ? model->names.front() : gpu;
  return named;
}

}  // namespace

std::vector<std::string> import_files(RunRecord& run, const Importer& importer,
                                      const std::vector<ForeignFile>& files, const Config& config,
                                      const std::string& gpu) {
  std::vector<ImportedProcess> processes;
  for (const ForeignFile& file : files) processes.push_back(importer.read(file, config.metrics));
  const bool given = gpu != "auto";
  if (given) run.gpu = named_gpu(config, gpu);
  std::vector<std::string> notes = add_imported(run, importer.id, files, processes);
  if (!run.gpu)
    throw UsageError(
        fmt::format("{}: it does not say which GPU was measured: add --gpu h100, or --gpu \"NAME\" "
                    "as nvidia-smi prints it",
                    files.front().name));
  run.gpu_id = gpu_id(config.gpus, run.gpu->name);
  if (given && run.gpu_id != gpu_id(config.gpus, named_gpu(config, gpu).name))
    throw NoVerdict(
        fmt::format("--gpu {}: {} was measured on {}", gpu, files.front().name, run.gpu->name));
  return notes;
}

}  // namespace perfgate
