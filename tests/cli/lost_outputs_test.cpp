// SPDX-License-Identifier: Apache-2.0
// What is written, or cannot be, never hides the verdict, and never outlives its run.
#include <sys/stat.h>

#include "gate/util/json_object.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

namespace fs = std::filesystem;
using perfgate::parse_json;
using perfgate::read_file;
using perfgate::write_file;

namespace {

Bench with_runs() {
  Bench bench;
  bench.make_baseline();
  bench.save_run("slow.json", "slow:*/o_proj:1.1");
  bench.save_run("good.json");
  return bench;
}

}  // namespace

TEST_CASE("a report that cannot be written leaves the verdict, and a pass is none then",
          "[lost_outputs]") {
  const Bench bench = with_runs();
  for (const char* option : {"--json", "--markdown", "--junit", "--html"}) {
    INFO(option);
    const Outcome slow = bench.perfgate({"compare", "slow.json", option, "/dev/full"});
    CHECK(slow.code == 1);
    CHECK(slow.last_line() == "perfgate: FAIL: 1 regressed, 10 passed (h200)");
    CHECK_THAT(slow.err, ContainsSubstring("cannot write /dev/full"));
    const Outcome good = bench.perfgate({"compare", "good.json", option, "/dev/full"});
    CHECK(good.code == 3);
    CHECK(good.last_line() == "perfgate: PASS: 11 passed (h200)");
  }
  // The other formats are written all the same.
  CHECK(
      bench.perfgate({"compare", "slow.json", "--json", "/dev/full", "--markdown", "r.md"}).code ==
      1);
  CHECK_THAT(read_file(bench.root() / "r.md"), ContainsSubstring("regressed"));
}

TEST_CASE("a run record that cannot be written leaves the verdict", "[lost_outputs]") {
  Bench bench = with_runs();
  CHECK(bench.perfgate({"--output", "/dev/full"}).code == 3);
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.1";
  const Outcome slow = bench.perfgate({"--output", "/dev/full"});
  CHECK(slow.code == 1);
  CHECK_THAT(slow.last_line(), StartsWith("perfgate: FAIL: 1 regressed"));
}

TEST_CASE("the result of an earlier run does not survive one that fails", "[lost_outputs]") {
  Bench bench = with_runs();
  const auto all = {"r.json", "r.md", "r.xml"};
  const auto written = [&] {
    return std::count_if(all.begin(), all.end(),
                         [&](const char* file) { return fs::exists(bench.root() / file); });
  };
  const std::vector<std::string> outputs{"--json", "r.json",  "--markdown",
                                         "r.md",   "--junit", "r.xml"};
  const auto with_outputs = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), outputs.begin(), outputs.end());
    return bench.perfgate(arguments).code;
  };
  REQUIRE(with_outputs({"compare", "good.json"}) == 0);
  REQUIRE(written() == 3);
  CHECK(with_outputs({"compare", "none.json"}) == 2);
  CHECK(written() == 0);
  REQUIRE(with_outputs({"compare", "good.json"}) == 0);
  bench.env["PERFGATE_NVML"] = "/none";
  CHECK(with_outputs({}) == 3);
  CHECK(written() == 0);
}

TEST_CASE("a file that is read and written is read first", "[lost_outputs]") {
  const Bench bench = with_runs();
  bench.perfgate({"compare", "good.json", "--json", "a.json"});
  fs::create_symlink("a.json", bench.root() / "link.json");
  CHECK(bench.perfgate({"merge", "a.json", "--json=./a.json"}).code == 0);
  // A result may come out of an artifact, so a link is refused; what it leads to stays as it was.
  CHECK(bench.perfgate({"merge", "link.json", "--json", "a.json"}).code == 2);
  CHECK(parse_json(read_file(bench.root() / "a.json"), "a.json")["verdict"] == "PASS");
}

TEST_CASE("an output through a symbolic link reaches the file behind it", "[lost_outputs]") {
  const Bench bench = with_runs();
  fs::create_directory(bench.root() / "store");
  write_file(bench.root() / "store" / "result.json", "old");
  ::chmod((bench.root() / "store" / "result.json").c_str(), 0640);
  fs::create_symlink("store/result.json", bench.root() / "latest.json");
  fs::create_symlink("store/not-there-yet.md", bench.root() / "latest.md");
  CHECK(bench.perfgate({"compare", "good.json", "--json", "latest.json", "--markdown", "latest.md"})
            .code == 0);
  CHECK(fs::is_symlink(bench.root() / "latest.json"));
  CHECK(fs::is_symlink(bench.root() / "latest.md"));
  CHECK_THAT(read_file(bench.root() / "store" / "result.json"), ContainsSubstring("PASS"));
  CHECK_THAT(read_file(bench.root() / "store" / "not-there-yet.md"), ContainsSubstring("perfgate"));
  CHECK(bench.files(bench.root() / "store") ==
        std::vector<std::string>{"not-there-yet.md", "result.json"});
}

TEST_CASE("an output that is the step summary is added to it", "[lost_outputs]") {
  Bench bench = with_runs();
  const auto file = bench.root() / "summary.md";
  fs::create_symlink("summary.md", bench.root() / "other-name.md");
  bench.env["GITHUB_STEP_SUMMARY"] = file.string();
  for (const char* name : {"summary.md", "other-name.md"}) {
    write_file(file, "## what the step wrote\n");
    ::chmod(file.c_str(), 0666);
    CHECK(bench.perfgate({"compare", "good.json", "--markdown", name}).code == 0);
    CHECK_THAT(read_file(file), StartsWith("## what the step wrote\n### perfgate"));
    struct stat found {};
    REQUIRE(::stat(file.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0666);
  }
  // What another tool wrote stays, also where nothing more fits.
  write_file(file, std::string(1 << 20, 'x'));
  const Outcome full = bench.perfgate({"compare", "slow.json", "--markdown", "summary.md"});
  CHECK(full.code == 1);
  CHECK_THAT(full.err, ContainsSubstring("a step summary may have 1048576"));
  CHECK(fs::file_size(file) == 1 << 20);
  CHECK(bench.perfgate({"compare", "good.json", "--markdown", "summary.md"}).code == 3);
}
