// SPDX-License-Identifier: Apache-2.0
// What differs in the machine code of two builds: a script stands in for the toolkit's
// disassembler.
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

namespace {

void make_script(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  write_file(file, "#!/bin/sh\n" + text);
  fs::permissions(file, fs::perms::owner_all);
}

/// The head is slower; its listing has two more instructions than the base's.
Bench two_builds() {
  Bench bench;
  bench.make_baseline();
  make_script(bench.root() / "base-runner", "exec " + bench.runner + " \"$@\"\n");
  make_script(bench.root() / "head-runner",
              "PERFGATE_FAKE_RUNNER='slow:*/o_proj:1.3' exec " + bench.runner + " \"$@\"\n");
  bench.runner = (bench.root() / "head-runner").string();
  make_script(bench.root() / "toolkit" / "cuobjdump", R"sh(
if [ "$1" = -res-usage ]; then
  echo ' Function _Z11fake_kernelILi128EEvPf:'
  echo '  REG:64 STACK:0 SHARED:1024'
  exit
fi
[ "$1 $2 $3" = '-sass -fun _Z11fake_kernelILi128EEvPf' ] || exit 1
echo '	code for sm_90'
echo '		Function : _Z11fake_kernelILi128EEvPf'
echo '        /*0000*/    FFMA R0, R1, R2, R3 ;'
case $4 in *head-runner)
  echo '        /*0010*/    STL [R1], R0 ;'
  echo '        /*0020*/    FFMA R0, R1, R2, R4 ;' ;;
esac
echo '        /*0030*/    EXIT ;'
)sh");
  bench.env["PATH"] = (bench.root() / "toolkit").string() + ":/usr/bin:/bin";
  return bench;
}

constexpr const char* line =
    "machine code of fake_kernel: instructions 2 to 4 (FFMA +1, STL +1), "
    "spills 0 to 1";

}  // namespace

TEST_CASE("what regressed says in every format how its code differs from the base build's",
          "[code_comparison]") {
  Bench bench = two_builds();
  const Outcome outcome =
      bench.perfgate({"--base-runner", "./base-runner", "--code-diff", "code.diff", "--json",
                      "r.json", "--markdown", "r.md", "--junit", "r.xml", "--html", "r.html"});
  INFO(outcome.err);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.flat(), ContainsSubstring(line));
  for (const char* file : {"r.xml", "r.html"})
    CHECK_THAT(read_file(bench.root() / file), ContainsSubstring(line));
  CHECK_THAT(read_file(bench.root() / "r.md"), ContainsSubstring("instructions 2 to 4 \\(FFMA +1"));
  CHECK_THAT(read_file(bench.root() / "r.json"),
             ContainsSubstring("\"machine_code\": \"fake_kernel: instructions 2 to 4"));
  const std::string diff = read_file(bench.root() / "code.diff");
  CHECK_THAT(diff, StartsWith("# in " + o_proj + "\n--- base: fake_kernel<128>, sm_90, 2") &&
                       EndsWith("@@ -1,2 +1,4 @@\n FFMA R0, R1, R2, R3\n+STL [R1], R0\n"
                                "+FFMA R0, R1, R2, R4\n EXIT\n"));
  // The result is read again with it.
  CHECK_THAT(bench.perfgate({"merge", "r.json"}).flat(), ContainsSubstring(line));
}

TEST_CASE("without a disassembler, or with the same code, nothing is said of it",
          "[code_comparison]") {
  Bench bench = two_builds();
  make_script(bench.root() / "toolkit" / "cuobjdump", "exit 127\n");
  const auto gate = [&] {
    return bench.perfgate({"--base-runner", "./base-runner", "--code-diff", "code.diff"});
  };
  Outcome outcome = gate();
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("machine code") == std::string::npos);
  CHECK(outcome.err.find("cuobjdump") == std::string::npos);
  CHECK_THAT(read_file(bench.root() / "code.diff"), StartsWith("# the toolkit's cuobjdump is not"));

  make_script(bench.root() / "toolkit" / "cuobjdump", "echo nothing\n");
  outcome = gate();
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("machine code") == std::string::npos);
  CHECK(read_file(bench.root() / "code.diff") == "# no case regressed with other machine code\n");
}

TEST_CASE("the difference needs two builds", "[code_comparison]") {
  const Bench bench = two_builds();
  const Outcome outcome = bench.perfgate({"--code-diff", "code.diff"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("give --base-runner, too"));
}
