// SPDX-License-Identifier: Apache-2.0
// Full and read-only file systems under each folder that perfgate writes to: an error that names
// the file and the reason, a documented exit code, nothing left, and no verdict lost.
#include <fmt/format.h>

#include "gate/os/process.h"
#include "tests/faults/lasting_commands.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using perfgate::read_file;
using perfgate::write_file;

namespace {

struct Disk {
  const char* name;
  const char* mount;  ///< shell commands that make the folder $1 one of its kind
  const char* error;  ///< the system's words for it
};

// The content stays, so that what is read is there. A file system of the kernel's own memory is
// filled up; the other is the folder itself, mounted a second time.
constexpr Disk full{"full",
                    "cp -a \"$1\" \"$2\" && mount -t tmpfs -o size=1m tmpfs \"$1\" && "
                    "cp -a \"$2/.\" \"$1/\" && { cat /dev/zero >\"$1/.filling\" 2>/dev/null; :; }",
                    "No space left on device"};
constexpr Disk read_only{"read-only",
                         "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"",
                         "Read-only file system"};

/// Puts `disk` under `folder` in mounts of the command's own, which end with it, and lists into
/// the file "left" what is then in the folder.
void use(Step& step, const Disk& disk, const std::string& folder) {
  const std::string place = (step.bench.root() / folder).string(),
                    copy = (step.bench.root() / "copy").string(),
                    left = (step.bench.root() / "left").string();
  std::filesystem::remove_all(copy);
  write_file(step.bench.root() / "on_disk",
             fmt::format("#!/bin/sh\nset -- '{}' '{}' \"$@\"\n{} || exit 99\nshift 2\n\"$@\"\n"
                         "code=$?\nls -A '{}' >'{}'\nexit $code\n",
                         place, copy, disk.mount, place, left));
  step.bench.before =
      fmt::format("set -- unshare -m sh '{}' \"$@\"", (step.bench.root() / "on_disk").string());
}

/// Whether this user may mount, for itself alone.
bool may_mount() {
  return perfgate::run_child({"unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"}, {}, 10)
             .exit_status == 0;
}

}  // namespace

TEST_CASE("full and read-only disks: an error with a reason, and nothing left", "[disks]") {
  if (!may_mount()) {
    WARN("not tried: this user may not mount");
    return;
  }
  Step step;
  std::size_t turn = 0;
  for (const LastingCommand& command : lasting_commands(step)) {
    const int code = run(step, command).code;
    for (const char* folder : {"tmp", "out", "baselines", "state"}) {
      // Each folder is full under one command and read-only under the next.
      const Disk& disk = turn++ % 2 == 0 ? full : read_only;
      use(step, disk, folder);
      step.github.checks.clear();
      const Outcome outcome = run(step, command);
      step.bench.before.clear();
      INFO(command.name << ", " << folder << " is " << disk.name << ": exit " << outcome.code
                        << '\n'
                        << outcome.err);
      REQUIRE(outcome.code != 99);
      CHECK((outcome.code == code || outcome.code == 2 || outcome.code == 3));
      if (outcome.code != code)
        CHECK_THAT(outcome.err, ContainsSubstring(disk.error) && ContainsSubstring(folder));
      for (const std::string& left : split(read_file(step.bench.root() / "left"), '\n'))
        CHECK_FALSE(Bench::is_temporary(left));
      CHECK(step.bench.strays() == std::vector<std::string>{});
      for (const perfgate::Json& check : step.github.checks) CHECK(check["status"] == "completed");
    }
    ++turn;
  }
}

TEST_CASE("a full disk under the reports swallows no verdict, a read-only one is seen before",
          "[disks]") {
  if (!may_mount()) return;
  Step step;
  std::filesystem::create_directories(step.bench.root() / "out");
  for (const char* option : {"--json", "--markdown", "--junit", "--html"}) {
    INFO(option);
    use(step, full, "out");
    const Outcome slow = step.bench.perfgate({"compare", "slow.json", option, "out/report"});
    CHECK(slow.code == 1);
    CHECK_THAT(slow.last_line(), StartsWith("perfgate: FAIL: 1 regressed"));
    CHECK_THAT(slow.err, ContainsSubstring(full.error) && ContainsSubstring("out/report"));
    CHECK(step.bench.perfgate({"compare", "good.json", option, "out/report"}).code == 3);
    use(step, read_only, "out");
    const Outcome early = step.bench.perfgate({"compare", "slow.json", option, "out/report"});
    CHECK(early.code == 2);
    CHECK(early.out.empty());
    CHECK(early.err == "perfgate: error: cannot write out/report: Read-only file system\n");
  }
}
