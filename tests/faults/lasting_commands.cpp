// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/lasting_commands.h"

#include "gate/os/files.h"

namespace fs = std::filesystem;

std::vector<LastingCommand> lasting_commands(const Step& step) {
  const fs::path build = step.bench.root() / "build";
  perfgate::write_file(build, "#!/bin/sh\nexec " + step.bench.runner + " \"$@\"\n");
  fs::permissions(build, fs::perms::owner_all);
  fs::create_directories(step.bench.root() / "out");
  const std::string program = Bench::program();
  return {{"check", {"--json", "out/r.json", "--lock-clocks"}},
          {"check --post", {"--post", "check,comment,status", "--markdown", "out/r.md"}},
          {"run", {"run", "-o", "out/run.json"}},
          {"refresh", {"baseline", "refresh"}},
          {"refresh --only", {"baseline", "refresh", "--only", "*/o_proj"}},
          {"ab",
           {"ab", "--base", build.string(), "--head", build.string(), "-o", "out/ab.json"},
           false},
          {"qualify", {"qualify", "--rounds", "6"}},
          {"profile",
           {"profile", "--library", program, "--nvtx-include", "my_decode_*_5/", "-o", "out/p.json",
            "--", program}},
          {"publish",
           {"publish", "pass.json", "--post", "check,comment,status"},
           false,
           {{"PERFGATE_POST_PACE", "0.1"}}},
          {"compare", {"compare", "good.json", "--html", "out/c.html"}, false}};
}

Outcome run(Step& step, const LastingCommand& command) {
  const auto env = step.bench.env;
  const std::string runner = step.bench.runner;
  for (const auto& [name, value] : command.env) step.bench.env[name] = value;
  if (!command.runner) step.bench.runner.clear();
  const Outcome outcome = step.bench.perfgate(command.arguments);
  step.bench.env = env;
  step.bench.runner = runner;
  return outcome;
}
