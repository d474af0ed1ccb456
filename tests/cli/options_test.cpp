// SPDX-License-Identifier: Apache-2.0
// Tests the command line itself.
#include <algorithm>

#include "gate/cli/commands.h"
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

TEST_CASE("--help lists every exit code", "[options]") {
  for (const char* flag : {"--help", "-h"}) {
    const Outcome outcome = plain({flag});
    CHECK(outcome.code == 0);
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

TEST_CASE("typing errors of commands, options and values get the right suggestion", "[options]") {
  struct Row {
    std::vector<std::string> arguments;
    const char* suggestion;
  };
  Bench bench;
  bench.make_baseline();
  bench.save_run("a.json");
  bench.runner.clear();
  for (const Row& row : {
           // commands
           Row{{"chekc"}, "check"},
           Row{{"comapre", "a.json"}, "compare"},
           Row{{"compar", "a.json"}, "compare"},
           Row{{"qualfy"}, "qualify"},
           Row{{"bseline", "show"}, "baseline"},
           Row{{"baseline", "refrsh"}, "refresh"},
           Row{{"baseline", "dif"}, "diff"},
           Row{{"publsh", "r.json"}, "publish"},
           Row{{"merg", "r.json"}, "merge"},
           Row{{"doctr"}, "doctor"},
           Row{{"metrcs", "--chip", "GH100"}, "metrics"},
           Row{{"profle", "--", "true"}, "profile"},
           // options
           Row{{"--onyl", "*"}, "--only"},
           Row{{"--basline", "x"}, "--baseline"},
           Row{{"--baseline-rf", "x"}, "--baseline-ref"},
           Row{{"--proceses", "3"}, "--processes"},
           Row{{"--markdwon", "x"}, "--markdown"},
           Row{{"compare", "a.json", "--agains", "b.json"}, "--against"},
           Row{{"compare", "a.json", "--explian", "*"}, "--explain"},
           Row{{"compare", "a.json", "--quite"}, "--quiet"},
           Row{{"merge", "a.json", "--jsn", "x"}, "--json"},
           Row{{"publish", "a.json", "--dryrun"}, "--dry-run"},
           Row{{"qualify", "--slwo", "2"}, "--slow"},
           Row{{"list", "--conifg", "x"}, "--config"},
           // values
           Row{{"--color", "allways"}, "always"},
           Row{{"--format", "jsn"}, "json"},
           Row{{"--format", "makdown"}, "markdown"},
           Row{{"--backend", "cublass"}, "cublas"},
           Row{{"publish", "a.json", "--post", "coment"}, "comment"},
           Row{{"qualify", "--slow", "2", "--stage", "o_porj"}, "o_proj"},
           Row{{"metrics", "--chip", "GH100", "--set", "explan"}, "explain"},
           // cases and GPUs
           Row{{"list", "--only", "llama-2-7b/b1/s1024/fp16/o_porj"},
               "llama-2-7b/b1/s1024/fp16/o_proj"},
           Row{{"compare", "a.json", "--explain", "llama-2-7b/b1/s1024/fp16/atention"},
               "llama-2-7b/b1/s1024/fp16/attention"},
           Row{{"compare", "a.json", "--only", "llama-2-7b/b1/s1024/fp16/rotarry"},
               "llama-2-7b/b1/s1024/fp16/rotary"},
           Row{{"--gpu", "h1oo"}, "h100"},
       }) {
    const Outcome outcome = bench.perfgate(row.arguments);
    INFO(row.suggestion << ": " << outcome.err);
    CHECK((outcome.code == 2 || outcome.code == 3));
    CHECK_THAT(outcome.err,
               ContainsSubstring("did you mean '" + std::string(row.suggestion) + "'?"));
  }
}

TEST_CASE("every command's help fits a screen", "[options]") {
  for (const perfgate::Command& command : perfgate::all_commands()) {
    std::vector<std::string> line = split(std::string(command.path), ' ');
    INFO(command.path);
    line.emplace_back("--help");
    const Outcome outcome = plain(line);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.out, StartsWith("perfgate " + std::string(command.path)));
    CHECK(std::count(outcome.out.begin(), outcome.out.end(), '\n') <= 50);
  }
  const std::string all = plain({"--help"}).out;
  CHECK(std::count(all.begin(), all.end(), '\n') <= 42);
  CHECK_THAT(all, ContainsSubstring(
                      "  perfgate baseline COMMAND             refresh, show, diff, lint\n"));
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
