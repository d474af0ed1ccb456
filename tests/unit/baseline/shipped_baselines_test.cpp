// SPDX-License-Identifier: Apache-2.0
// Checks that every file in baselines/ is as perfgate writes it, and that lint finds nothing in it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "gate/baseline/baseline.h"
#include "gate/baseline/baseline_lint.h"
#include "gate/cli/project.h"
#include "gate/os/files.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::filesystem::path source{PERFGATE_SOURCE_DIR};

bool update_asked() {
  const char* update = std::getenv("UPDATE_GOLDEN");
  return update && *update == '1';
}

}  // namespace

TEST_CASE("the shipped baselines read and written back are the same bytes", "[shipped_baselines]") {
  const Project project{source / "configs" / "perfgate.toml"};
  REQUIRE_FALSE(baseline_files(project).empty());
  for (const auto& file : baseline_files(project)) {
    INFO(file);
    const std::string text = read_file(file);
    const std::string again = write_baseline(read_baseline(text, file.string()));
    // UPDATE_GOLDEN=1 writes a file of an older schema as this one writes it, with the same
    // numbers.
    if (update_asked()) write_file(file, again);
    CHECK((update_asked() || again == text));
  }
}

TEST_CASE("lint finds nothing in the shipped baselines", "[shipped_baselines]") {
  const Project project{source / "configs" / "perfgate.toml"};
  const Config config = load_config(project);
  for (const auto& file : baseline_files(project)) {
    std::vector<std::string> findings = lint_baseline(read_file(file), file.string(), config);
    // The H100's is from before there were sessions; no H100 has been at hand since.
    if (file.stem() == "h100")
      CHECK(std::erase_if(findings, [](const std::string& finding) {
              return finding.find("1 session, measure.baseline_sessions asks for 3") !=
                     std::string::npos;
            }) == 1);
    CHECK(findings == std::vector<std::string>{});
  }
}
