// Checks that every file in baselines/ is as perfgate writes it, and that lint finds nothing in it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "gate/baseline/baseline.h"
#include "gate/baseline/baseline_lint.h"
#include "gate/cli/project.h"
#include "gate/os/files.h"
#include "gate/util/checksum.h"
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
    if (checksum_state(text) == ChecksumState::missing) {
      // This file is older than the checksums: UPDATE_GOLDEN=1 adds the line, and only the line.
      CHECK(again == with_checksum(text));
      if (update_asked() && again == with_checksum(text)) write_file(file, again);
    } else {
      CHECK(again == text);
    }
  }
}

TEST_CASE("lint finds nothing in the shipped baselines", "[shipped_baselines]") {
  const Project project{source / "configs" / "perfgate.toml"};
  const Config config = load_config(project);
  for (const auto& file : baseline_files(project))
    CHECK(lint_baseline(read_file(file), file.string(), config) == std::vector<std::string>{});
}
