// SPDX-License-Identifier: Apache-2.0
// --baseline-ref: what that commit's policy measures is owed, whatever the change calls it.
#include <fmt/format.h>

#include <filesystem>

#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

namespace fs = std::filesystem;
using namespace perfgate;

namespace {

constexpr const char* suite = R"([suite]
models = ["llama-2-7b"]
batches = [1]
contexts = [1024]
dtypes = ["fp16"]
)";

/// A repository whose perfgate.toml measures what each test says, and whose branch is `base`.
class Repository {
 public:
  Repository() {
    fs::remove_all(m_bench.root() / "configs");
    fs::remove_all(m_bench.root() / "baselines");
    m_bench.git({"init", "-q", "-b", "base"});
  }

  /// Writes the policy: `measured`, and how it is measured.
  void measures(const std::string& measured) const {
    write_file(m_bench.root() / "perfgate.toml",
               "schema = 1\n[measure]\nprocesses = 3\nbaseline_processes = 12\n"
               "baseline_sessions = 1\nclocks = \"observe\"\n" +
                   measured);
  }

  /// Returns a program of that name that takes `slowdown` times its normal time.
  static std::string program(const std::string& name, double slowdown) {
    return fmt::format(
        "[[program]]\nname = \"{}\"\ncommand = [\"{}\", \"slow:{}\"]\n"
        "ranges = [\"my_decode_*_5/\"]\n",
        name, Bench::program(), slowdown);
  }

  Outcome perfgate(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--library", Bench::program()});
    return m_bench.perfgate(arguments);
  }

  void refresh(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"baseline", "refresh"});
    const Outcome outcome = perfgate(more);
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
  }

  void commit() const {
    m_bench.git({"add", "perfgate.toml", "perfgate"});
    m_bench.git({"commit", "-qm", "state"});
  }

 private:
  Bench m_bench;
};

}  // namespace

TEST_CASE("a program that the change renames is owed under its old name", "[owed_source]") {
  const Repository repository;
  repository.measures(Repository::program("decode", 1));
  repository.refresh();
  repository.commit();
  repository.measures(Repository::program("decode-step", 1.5));
  repository.refresh();  // the change brings a baseline of the new name
  const Outcome renamed = repository.perfgate({"--baseline-ref", "base"});
  CHECK(renamed.code == 3);
  CHECK_THAT(renamed.last_line(), ContainsSubstring("0 passed, 4 missing, 4 new"));
  CHECK_THAT(renamed.flat(), ContainsSubstring("the policy that judges measures program decode"));
  // Who names the new program asks for it alone, which is told.
  const Outcome named = repository.perfgate({"--baseline-ref", "base", "--program", "decode-step"});
  CHECK(named.code == 0);
  CHECK_THAT(named.last_line(), ContainsSubstring("PASS: 0 passed, 4 new"));
  CHECK_THAT(named.flat(), ContainsSubstring("note: nothing was compared"));
  repository.commit();
  const Outcome merged = repository.perfgate({"--baseline-ref", "base"});
  CHECK(merged.code == 0);
  CHECK_THAT(merged.last_line(), ContainsSubstring("4 passed"));
  CHECK_THAT(merged.flat(), !ContainsSubstring("nothing was compared"));
}

TEST_CASE("a change that drops [suite] still owes the suite's cases", "[owed_source]") {
  const Repository repository;
  const std::string program = Repository::program("decode", 1);
  repository.measures(suite + program);
  repository.refresh();
  repository.refresh({"--program", "decode"});
  repository.commit();
  CHECK_THAT(repository.perfgate({"--baseline-ref", "base"}).last_line(),
             ContainsSubstring("PASS: 11 passed"));
  repository.measures(program);
  const Outcome dropped = repository.perfgate({"--baseline-ref", "base"});
  CHECK(dropped.code == 3);
  CHECK_THAT(dropped.last_line(), ContainsSubstring("4 passed, 11 missing"));
  CHECK_THAT(dropped.flat(), ContainsSubstring("the policy that judges measures the suite"));
  // The program alone was asked for.
  CHECK(repository.perfgate({"--baseline-ref", "base", "--program", "decode"}).code == 0);
}

TEST_CASE("a change that adds [suite] still owes the program's cases", "[owed_source]") {
  const Repository repository;
  const std::string program = Repository::program("decode", 1);
  repository.measures(program);
  repository.refresh();
  repository.commit();
  repository.measures(suite + program);
  repository.refresh({"--only", "*"});
  const Outcome added = repository.perfgate({"--baseline-ref", "base"});
  CHECK(added.code == 3);
  CHECK_THAT(added.last_line(), ContainsSubstring("0 passed, 4 missing, 11 new"));
}
