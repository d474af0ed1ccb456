// SPDX-License-Identifier: Apache-2.0
// A broken configuration exits 2 and names file, line and key.
#include "tests/support/bench.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using perfgate::read_file;
using perfgate::write_file;

namespace {

Outcome outcome_with(std::string_view from, std::string_view to) {
  Bench bench;
  bench.make_baseline();
  bench.change_policy(from, to);
  return bench.perfgate({});
}

}  // namespace

TEST_CASE("a broken policy exits 2 and names the place", "[config_errors]") {
  struct Row {
    const char *from, *to, *text;
  };
  for (const Row& row : {
           Row{"batches = [1]", "batches = [1", "perfgate.toml:5: not valid TOML"},
           Row{"processes = 3", "proceses = 3",
               "perfgate.toml:8: measure.proceses: unknown key (did you mean 'processes'?)"},
           Row{"seed = 1", "seed = 1\nsample = 3",
               "perfgate.toml:16: measure.sample: unknown key (did you mean 'samples'?)"},
           Row{"schema = 1", "schema = 2",
               "perfgate.toml:1: schema: this perfgate reads schema 1, the file has 2"},
           Row{"processes = 3", "processes = \"3\"",
               "perfgate.toml:8: measure.processes: expected an integer, found a string"},
           Row{"processes = 3", "processes = 1",
               "perfgate.toml:8: measure.processes: 1 is outside 2 to 1000"},
           Row{"models = [\"llama-2-7b\"]", "models = [\"llama-2-7\"]",
               "no model 'llama-2-7' (did you mean 'llama-2-7b'?)"},
           Row{"metric_set = \"design\"", "metric_set = \"desing\"",
               "no metric set 'desing' (did you mean 'design'?)"},
       }) {
    const Outcome outcome = outcome_with(row.from, row.to);
    INFO(row.to);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.err, StartsWith("perfgate: error: ") && ContainsSubstring(row.text));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("a config that is not there exits 2", "[config_errors]") {
  const Outcome outcome = Bench().perfgate({"--config", "/none/configs/perfgate.toml"});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("cannot read /none/configs/perfgate.toml"));
}

TEST_CASE("a broken baseline exits 2 and names the place", "[config_errors]") {
  Bench bench;
  bench.make_baseline();
  const std::string text = read_file(bench.baseline());
  write_file(bench.baseline(), text.substr(0, text.size() / 2) + "\n= =");
  Outcome outcome = bench.perfgate({});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err,
             ContainsSubstring("baselines/h200.toml:") && ContainsSubstring("not valid TOML"));
  write_file(bench.baseline(), replaced(text, "sm_count", "sm_cuont"));
  outcome = bench.perfgate({});
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.err, ContainsSubstring("gpu.sm_count: missing"));
}
