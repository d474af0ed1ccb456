// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/fault_scene.h"

#include <algorithm>

using perfgate::read_file;
namespace fs = std::filesystem;

FaultScene::FaultScene() : m_log(step.bench.root() / "nvml.log") {
  step.bench.env["FAKE_NVML_LOG"] = m_log.string();
}

void FaultScene::reset() {
  fs::remove(m_log);
  step.github.checks.clear();
}

void FaultScene::tidy() {
  for (const std::string& left : step.bench.leftovers())
    fs::remove_all(step.bench.root() / "tmp" / left);
  remember();
}

/// All files but those that commands and the fakes write under their own names.
std::vector<std::string> FaultScene::files() const {
  std::vector<std::string> all = step.bench.files(step.bench.root());
  std::erase_if(all, [](const std::string& file) {
    return file.starts_with("out/") ? !Bench::is_temporary(file)
                                    : file == "nvml.log" || file == "runner-state" ||
                                          file == "sent" || file.starts_with("state/");
  });
  return all;
}

std::string FaultScene::left_behind() const {
  if (const auto left = step.bench.leftovers(); !left.empty()) return "left " + left.front();
  for (const std::string& file : files())
    if (std::find(m_before.begin(), m_before.end(), file) == m_before.end()) return "left " + file;
  for (const perfgate::Json& check : step.github.checks)
    if (check["status"] != "completed") return "a check run is in progress";
  if (!fs::exists(m_log)) return "";
  const std::string log = read_file(m_log);
  const std::size_t locked = log.rfind("SetGpuLockedClocks"),
                    reset = log.rfind("ResetGpuLockedClocks");
  if (locked != std::string::npos && (reset == std::string::npos || reset < locked))
    return "the clocks stay locked";
  return "";
}
