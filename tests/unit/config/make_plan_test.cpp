#include "gate/config/make_plan.h"
#include "gate/record/plan.h"

#include <set>

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Config config_of(std::vector<std::string> models, std::vector<int> batches) {
  Config config;
  config.suite = {std::move(models), std::move(batches), {1024, 2048}, {DType::fp16}};
  config.measure.samples = 200;
  config.measure.seed = 5;
  config.measure.metric_set = "s";
  config.metrics = {simple_metric("ipc", Unit::per_cycle)};
  config.models["llama-2-7b"] = llama_2_7b();
  config.models["llama-3.1-8b"] = llama_3_8b();
  return config;
}

}  // namespace

TEST_CASE("the suite is every combination, eleven cases each", "[make_plan]") {
  const Plan plan = make_plan(config_of({"llama-2-7b", "llama-3.1-8b"}, {1, 16, 32}), {});
  CHECK(plan.workloads.size() == 2 * 3 * 2);
  CHECK(plan.cases.size() == 2 * 3 * 2 * 11);  // ten stages and the layer
  CHECK(plan.cases[0].id == "llama-2-7b/b1/s1024/fp16/input_norm");
  CHECK(plan.cases[10].id == "llama-2-7b/b1/s1024/fp16/layer");
  CHECK_FALSE(plan.cases[10].stage);
  CHECK(plan.samples == 200);
  CHECK(plan.seed == 5);
  const auto ids = case_ids(plan);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
}

TEST_CASE("--only keeps cases and drops the workloads that nobody wants", "[make_plan]") {
  const Config config = config_of({"llama-2-7b", "llama-3.1-8b"}, {1, 16});
  const Plan plan = make_plan(config, {"*8b/b16/s2048/*/o_proj", "*8b/b16/s2048/*/layer"});
  REQUIRE(case_ids(plan) == std::vector<std::string>{"llama-3.1-8b/b16/s2048/fp16/o_proj",
                                                     "llama-3.1-8b/b16/s2048/fp16/layer"});
  REQUIRE(plan.workloads.size() == 1);
  CHECK(plan.workloads[0].batch == 16);
  // The index still finds the right workload: (6144 columns of llama-3.1-8b at batch 16.)
  CHECK(plan.cases[0].workload == 0);
  CHECK(case_bytes(plan, plan.cases[0]) == (4096.0 * 4096 + 2 * 16 * 4096) * 2);
  CHECK(case_bytes(plan, plan.cases[1]) == layer_bytes(plan.workloads[0]));
}

TEST_CASE("an --only that matches nothing is an error with the nearest case", "[make_plan]") {
  const Config config = config_of({"llama-2-7b"}, {1});
  CHECK(error_of<UsageError>([&] { make_plan(config, {"llama-2-7b/b1/s1024/fp16/oproj"}); }) ==
        "--only llama-2-7b/b1/s1024/fp16/oproj: matches none of the 22 cases (did you mean "
        "'llama-2-7b/b1/s1024/fp16/o_proj'?); see `perfgate list`");
}

TEST_CASE("an unknown model is an error with the nearest one", "[make_plan]") {
  CHECK(error_of<UsageError>([&] { make_plan(config_of({"llama-2-7"}, {1}), {}); }) ==
        "suite.models: no model 'llama-2-7' (did you mean 'llama-2-7b'?); configs/models has: "
        "llama-2-7b, llama-3.1-8b");
}
