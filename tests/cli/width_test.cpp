// SPDX-License-Identifier: Apache-2.0
// What every command prints on a terminal of 80 and of 100 columns. Bench::perfgate() requires 100
// of what goes to no terminal, in each test.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "gate/cli/commands.h"
#include "gate/history/history.h"
#include "gate/util/text_wrap.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"
#include "tests/support/terminal.h"

using namespace perfgate;

namespace {

/// Command lines by the command's path. A new command that has none fails the test.
using Lines = std::map<std::string, std::vector<std::vector<std::string>>>;

Lines command_lines(const Bench& bench) {
  const std::string program = Bench::program(), runner = bench.runner;
  const std::vector<std::string> profile{"profile", "--library", program, "--nvtx-include",
                                         "my_decode_*_5/"};
  const auto with = [](std::vector<std::string> line, const std::vector<std::string>& more) {
    line.insert(line.end(), more.begin(), more.end());
    return line;
  };
  return {
      {"check", {{}, {"check", "--all"}, {"--explain", "*/o_proj"}}},
      {"run", {{"run", "-o", "again.json"}}},
      {"profile", {with(profile, {"--", program}), with(profile, {"--list", "--", program})}},
      {"compare", {{"compare", "slow.json"}, {"compare", "slow.json", "--all"}}},
      {"ab", {{"ab", "--base", runner, "--head", runner}}},
      {"qualify", {{"qualify", "--slow", "5", "--stage", "o_proj"}}},
      {"tune", {{"tune"}}},
      {"baseline refresh", {{"baseline", "refresh"}}},
      {"baseline show", {{"baseline", "show"}, {"baseline", "show", "long.toml"}}},
      {"baseline diff", {{"baseline", "diff", bench.baseline().string(), "long.toml"}}},
      {"baseline lint", {{"baseline", "lint"}}},
      {"import", {{"import", "missing.json", "--from", "nvbench", "-o", "imported.json"}}},
      {"export", {{"export", "result.json", "--to", "bmf", "-o", "bmf.json"}}},
      {"history add", {{"history", "add", "slow.json"}}},
      {"history show", {{"history", "show", "h.jsonl"}}},
      {"history page", {{"history", "page", "h.jsonl", "-o", "h.html"}}},
      {"history check", {{"history", "check", "h.jsonl"}}},
      {"history import", {{"history", "import", "missing.js", "--gpu", "h200"}}},
      {"publish", {{"publish", "result.json", "--post", "summary"}}},
      {"merge", {{"merge", "result.json"}}},
      {"demo", {{"demo"}}},
      // Files for programs, of which a line is as long as it is.
      {"config show", {}},
      {"generate", {}},
      {"init", {{"init"}}},
      {"list", {{"list"}}},
      {"doctor", {{"doctor"}}},
      {"metrics", {{"metrics", "--chip", "GH100"}}},
  };
}

Bench bench_with_files() {
  Bench bench;
  bench.make_baseline();
  // The longest id of the shipped models, which 80 columns do not hold beside a baseline's numbers.
  write_file(bench.root() / "long.toml",
             read_file(std::filesystem::path(PERFGATE_SOURCE_DIR) / "baselines" / "h200.toml"));
  bench.save_run("slow.json", "slow:*/o_proj:1.1;slow:*/attention:1.3");
  bench.perfgate({"compare", "slow.json", "--json", "result.json"});
  std::string text;
  HistoryRun run =
      history_run(read_record(read_file(bench.root() / "slow.json"), "slow.json"), "", nullptr);
  for (int day = 1; day <= 9; ++day) {
    run.created = "2025-01-0" + std::to_string(day) + "T00:00:00Z";
    for (HistoryCase& entry : run.cases) entry.duration_s *= 1.01;
    text += write_history_line(run);
  }
  write_file(bench.root() / "h.jsonl", text);
  bench.env["GITHUB_STEP_SUMMARY"] = "summary.md";
  bench.env["FAKE_RUNNER"] = "slow:*/o_proj:1.05";
  return bench;
}

void require_columns(const std::string& text, std::size_t columns) {
  for (const std::string& line : split(text, '\n')) {
    INFO(line);
    // Programs read the sentence at the end, so it is never broken.
    CHECK((line.starts_with("perfgate: ") || columns_of(line) <= columns));
  }
}

/// Returns what perfgate prints on a terminal.
std::string shown(Bench& bench, const std::vector<std::string>& arguments, std::size_t columns) {
  Terminal terminal(static_cast<int>(columns));
  bench.redirect = ">" + terminal.path();
  bench.perfgate(arguments);
  return terminal.text();
}

}  // namespace

TEST_CASE("no command prints a line that is wider than the terminal", "[width]") {
  Bench bench = bench_with_files();
  const Lines lines = command_lines(bench);
  for (const Command& command : all_commands()) {
    INFO(command.path);
    REQUIRE(lines.contains(std::string(command.path)));
    for (const std::size_t columns : {std::size_t{80}, std::size_t{100}}) {
      for (const auto& arguments : lines.at(std::string(command.path)))
        require_columns(shown(bench, arguments, columns), columns);
      std::vector<std::string> help = split(std::string(command.path), ' ');
      help.emplace_back("--help");
      const std::string text = shown(bench, help, columns);
      CHECK_FALSE(text.empty());
      require_columns(text, columns);
    }
  }
}

TEST_CASE("a table keeps a row a line where ids are long", "[width]") {
  Bench bench = bench_with_files();
  const std::string text = shown(bench, {"baseline", "show", "long.toml"}, 80);
  CHECK_THAT(text, ContainsSubstring("\nllama-3.1-8b/b16/s1024/fp16\n") &&
                       ContainsSubstring("\ngate_up_proj  "));
  CHECK_THAT(shown(bench, {"baseline", "show", "long.toml"}, 100),
             ContainsSubstring("\nllama-3.1-8b/b16/s1024/fp16/gate_up_proj  "));
  CHECK_THAT(shown(bench, {"list"}, 80), ContainsSubstring("\n" + o_proj + "  "));
}
