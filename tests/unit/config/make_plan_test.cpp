// SPDX-License-Identifier: Apache-2.0
#include "gate/config/make_plan.h"

#include <set>

#include "gate/decode/decode_source.h"
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
  CHECK(decode_plan(plan).workloads.size() == 2 * 3 * 2);
  CHECK(plan.cases.size() == 2 * 3 * 2 * 11);  // ten stages and the layer
  CHECK(plan.cases[0].id == "llama-2-7b/b1/s1024/fp16/input_norm");
  CHECK(plan.cases[10].id == "llama-2-7b/b1/s1024/fp16/layer");
  CHECK(plan.cases[10].whole_of.size() == 10);
  CHECK(plan.cases[10].whole_of[0] == plan.cases[0].id);
  CHECK(plan.cases[0].whole_of.empty());
  CHECK(plan.samples == 200);
  CHECK(plan.seed == 5);
  const auto ids = case_ids(plan);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == ids.size());
}

TEST_CASE("--only keeps cases and drops the workloads that are not wanted", "[make_plan]") {
  const Config config = config_of({"llama-2-7b", "llama-3.1-8b"}, {1, 16});
  const Plan plan = make_plan(config, {"*8b/b16/s2048/*/o_proj", "*8b/b16/s2048/*/layer"});
  REQUIRE(case_ids(plan) == std::vector<std::string>{"llama-3.1-8b/b16/s2048/fp16/o_proj",
                                                     "llama-3.1-8b/b16/s2048/fp16/layer"});
  const DecodePlan decode = decode_plan(plan);
  REQUIRE(decode.workloads.size() == 1);
  CHECK(decode.workloads[0].workload.batch == 16);
  REQUIRE(decode.workloads[0].cases.size() == 2);
  CHECK(decode.workloads[0].cases[0].stage == Stage::o_proj);
  CHECK_FALSE(decode.workloads[0].cases[1].stage);
  CHECK(plan.cases[0].work.dram_bytes == (4096.0 * 4096 + 2 * 16 * 4096) * 2);
  CHECK(plan.cases[1].work.dram_bytes == layer_bytes(decode.workloads[0].workload));
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
