// SPDX-License-Identifier: Apache-2.0
// A change edits its config: each of the four parsers gives values or refuses with a sentence, and
// what it accepts makes a plan or is refused.
#include "gate/config/config.h"

#include "gate/config/make_plan.h"
#include "tests/fuzz/engine/target.h"
#include "tests/support/support.h"

using namespace perfgate;

const InputForm input_form = InputForm::lines;
const std::size_t longest_input = 6000;

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const char* file : {"configs/perfgate.toml", "configs/models/llama-2-7b.toml",
                           "configs/models/llama-3.1-70b-tp8.toml", "configs/gpus/h200.toml"})
    all.push_back(source_file(file));
  // The first metrics: the whole file only makes the search slow.
  all.push_back(source_file("configs/metrics.toml").substr(0, 3000));
  all.push_back(R"([judge]
accept = true
[[accept]]
cases = "app/*"
percent = 5
why = "more work"
[[program]]
name = "app"
command = ["python3", "app.py"]
nvtx = ["decode/step_*"]
kernels = ["regex:gemm"]
)");
  return all;
}

namespace {

void make_plans(const Config& config) {
  (void)accepted([&] { (void)make_plan(config, {}); });
}

}  // namespace

void try_input(std::string_view input) {
  static const std::string defaults = source_file("configs/perfgate.toml");
  Config config;
  config.models.emplace("llama-2-7b", llama_2_7b());
  const auto take = [&](const Policy& policy) {
    config.suite = policy.suite;
    config.measure = policy.measure;
    config.judge = policy.judge;
    config.programs = policy.programs;
    config.measures_suite = policy.measures_suite;
    make_plans(config);
  };
  // All parsers for all inputs would take four times as long, mostly in refusing what is of another
  // kind.
  const auto is_like = [&](std::string_view word) {
    return input.find(word) != std::string_view::npos || is_one_in(8, input);
  };
  (void)accepted([&] { take(parse_policy(input, "perfgate.toml")); });
  if (is_one_in(4, input))
    (void)accepted([&] {
      take(parse_policy(TomlText{std::string(input), "own"}, TomlText{defaults, "defaults"}));
    });
  if (is_like("hidden")) (void)accepted([&] { (void)parse_model(input, "model.toml"); });
  if (is_like("chip")) (void)accepted([&] { (void)parse_gpu(input, "gpu.toml"); });
  if (is_like("metric")) (void)accepted([&] { (void)parse_metrics(input, "metrics.toml"); });
}
