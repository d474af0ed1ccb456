// SPDX-License-Identifier: Apache-2.0
// Tests the command line itself.
#include <algorithm>

#include "gate/util/exit_code.h"
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

namespace {

Outcome plain(std::vector<std::string> arguments) {
  Bench bench;
  bench.runner.clear();
  return bench.perfgate(std::move(arguments));
}

}  // namespace

TEST_CASE("--version", "[options]") {
  const Outcome outcome = plain({"--version"});
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, StartsWith("perfgate 0.1.0"));
  CHECK(outcome.err.empty());
}

TEST_CASE("--help fits a page and lists every exit code", "[options]") {
  for (const char* flag : {"--help", "-h"}) {
    const Outcome outcome = plain({flag});
    CHECK(outcome.code == 0);
    CHECK(std::count(outcome.out.begin(), outcome.out.end(), '\n') <= 66);
    for (const std::string& line : split(outcome.out, '\n')) {
      INFO(line);
      CHECK(line.size() <= 100);
    }
    for (const perfgate::ExitCodeInfo& info : perfgate::exit_codes)
      CHECK_THAT(outcome.out, ContainsSubstring(std::to_string(static_cast<int>(info.code)) + "  " +
                                                std::string(info.meaning)));
  }
}

TEST_CASE("bad usage exits 2 with the nearest word and where to look", "[options]") {
  struct Row {
    std::vector<std::string> arguments;
    const char* text;
  };
  for (const Row& row : {
           Row{{"chek"}, "unknown argument 'chek' (did you mean 'check'?)"},
           Row{{"--jsn", "x"}, "unknown argument"},
           Row{{"--gpuu=h100"}, "did you mean '--gpu'?"},
           Row{{"--processes", "1"}, "--processes"},
           Row{{"--processes", "many"}, "--processes"},
           Row{{"--color", "sometimes"},
               "--color: unknown 'sometimes'; known: auto, always, never"},
           Row{{"--backend", "cutlass"},
               "--backend: unknown 'cutlass' (did you mean 'cublas'?); known: auto, "},
           Row{{"--backend", "own", "--replay", "x.json"}, "--backend is for measuring"},
           Row{{"compare", "x.json", "--backend", "own"},
               "'--backend' for `perfgate compare`: --backend is for check, run, ab, qualify, "
               "baseline refresh, list and doctor; see `perfgate compare --help`"},
           Row{{"--backend", "own", "baseline", "diff", "a", "b"}, "for `perfgate baseline diff`"},
           Row{{"list", "--junit", "x"}, "'--junit' for `perfgate list`: --junit is for check, "},
           Row{{"merge", "r.json", "--config", "x"},
               "unknown argument '--config' for `perfgate merge`; see `perfgate merge --help`"},
           Row{{"--stage", "o_proj"}, "for `perfgate check`: --stage is for qualify; see"},
           Row{{"list", "--onyl", "x"}, "for `perfgate list` (did you mean '--only'?); see"},
           Row{{"list", "all"}, "unknown argument 'all'; see `perfgate list --help`"},
           Row{{"lst", "--set", "x"}, "unknown argument 'lst' (did you mean 'list'?)"},
           Row{{"compare", "a.json", "--trace=x", "b.json"}, "unknown argument 'b.json'"},
           Row{{"--gpu"}, "--gpu"},
           Row{{"baseline"}, "baseline needs `refresh`, `show`, `diff` or `lint`"},
           Row{{"baseline", "shw"}, "'shw' (did you mean 'show'?); see `perfgate baseline --help`"},
           Row{{"compare"}, "compare needs a run record"},
           Row{{"--json", "-", "--markdown", "-"}, "--json -, --markdown - all want stdout"},
           Row{{"-o", "-", "--json", "-"}, "want stdout"},
       }) {
    const Outcome outcome = plain(row.arguments);
    INFO(row.arguments[0]);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, StartsWith("perfgate: error: ") && ContainsSubstring(row.text));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("--backend reaches the plan", "[options]") {
  const Bench bench;
  CHECK_THAT(bench.perfgate({"list", "--backend", "own", "--json", "-"}).out,
             ContainsSubstring("\"gemm_backend\": \"own\""));
}

TEST_CASE("a command's help has its own options and no others", "[options]") {
  const Outcome list = plain({"list", "--help"});
  CHECK(list.code == 0);
  CHECK_THAT(list.out, StartsWith("perfgate list: the planned cases (no GPU needed)\n") &&
                           ContainsSubstring("--only GLOB") && !ContainsSubstring("--gpu"));
  CHECK(plain({"--help", "list"}).out == list.out);
  CHECK_THAT(plain({"baseline", "refresh", "-h"}).out, ContainsSubstring("--accept CASE"));
  CHECK_THAT(plain({"baseline", "--help"}).out,
             ContainsSubstring("baseline lint") && !ContainsSubstring("perfgate list"));
}

TEST_CASE("options stand before or behind the command", "[options]") {
  const Bench bench;
  CHECK(bench.perfgate({"--config", "configs/perfgate.toml", "list"}).last_line() == "11 cases");
  CHECK(bench.perfgate({"baseline", "--config", "configs/perfgate.toml", "show", "--gpu", "a10"})
            .code == 3);
  CHECK(bench.perfgate({"--only", "*/layer", "list"}).last_line() == "1 case");
  CHECK(bench.perfgate({"list", "--only", "*/layer"}).last_line() == "1 case");
}

TEST_CASE("colour is asked for, refused, or left out where the output is no terminal",
          "[options]") {
  Bench bench;
  bench.make_baseline();
  bench.save_run("a.json");
  const auto painted = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"compare", "a.json"});
    return bench.perfgate(arguments).out.find("\x1b[") != std::string::npos;
  };
  CHECK(painted({"--color", "always"}));
  CHECK_FALSE(painted({"--color", "never"}));
  CHECK_FALSE(painted({}));  // a file is no terminal
  bench.env["NO_COLOR"] = "1";
  CHECK_FALSE(painted({}));
  CHECK(painted({"--color", "always"}));  // the option wins over the environment
}
