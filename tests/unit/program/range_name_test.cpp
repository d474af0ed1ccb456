// SPDX-License-Identifier: Apache-2.0
#include "gate/program/range_name.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

std::map<std::string, std::string> templates(const std::vector<std::string>& names) {
  return range_templates(names);
}

}  // namespace

TEST_CASE("numbers that vary become {n}", "[range_name]") {
  const auto all = templates({"my_decode_10_5", "my_decode_11_6", "my_decode_12_5"});
  CHECK(all.size() == 3);
  for (const auto& [name, text] : all) CHECK(text == "my_decode_{n}_{n}");
  CHECK(templates({"my_decode_10_5", "my_decode_11_5"}).at("my_decode_10_5") == "my_decode_{n}_5");
  CHECK(templates({"fp16_1", "fp16_2"}).at("fp16_1") == "fp16_{n}");
  CHECK(templates({"my_decode_10_5"}).at("my_decode_10_5") == "my_decode_10_5");
  CHECK(templates({"step 9", "step 10"}).at("step 9") == "step {n}");
  CHECK(templates({"7", "8"}).at("7") == "{n}");
}

TEST_CASE("names that differ in more are cases of their own", "[range_name]") {
  const auto all = templates({"attn_1", "attn_2", "mlp_1", "mlp_2", "mlp"});
  CHECK(all.at("attn_1") == "attn_{n}");
  CHECK(all.at("mlp_2") == "mlp_{n}");
  CHECK(all.at("mlp") == "mlp");
  const std::vector<std::string> one{"a1", "a2"}, two{"a1", "b2"};
  CHECK(range_template(one) == "a{n}");
  CHECK(range_template(two) == std::nullopt);
  CHECK(range_template({}) == std::nullopt);
}

TEST_CASE("a range of vLLM's layer-wise hooks is its module and shapes", "[range_name]") {
  const std::string seven = "{'Module': 'model.layers.7.self_attn', 'Inputs': [[1, 4096]]}";
  const std::string eight = "{'Module': 'model.layers.8.self_attn', 'Inputs': [[1, 4096]]}";
  const std::string prefill = "{'Module': 'model.layers.8.self_attn', 'Inputs': [[512, 4096]]}";
  const auto all = templates({seven, eight, prefill});
  CHECK(all.at(seven) == "model.layers.{n}.self_attn(1x4096)");
  CHECK(all.at(eight) == all.at(seven));
  CHECK(all.at(prefill) == "model.layers.{n}.self_attn(512x4096)");
  // One layer alone has the same name as among others.
  CHECK(templates({seven}).at(seven) == all.at(seven));
  const std::string linear =
      "{'Module': 'model.layers.0.mlp.0', 'TrainableParams': {'weight': [22016, 4096]}, 'Inputs': "
      "[[1, 4096]], 'StaticParams': {'eps': 1e-05}}";
  CHECK(templates({linear}).at(linear) == "model.layers.{n}.mlp.0(22016x4096,1x4096)");
  CHECK(templates({"{'Module': 'lm_head'}"}).at("{'Module': 'lm_head'}") == "lm_head");
}

TEST_CASE("templates are short and safe", "[range_name]") {
  const std::string name = std::string(1000, 'x') + "/1", other = std::string(1000, 'x') + "/2";
  const auto all = templates({name, other});
  CHECK(all.at(name).size() <= longest_range_template);
  CHECK(all.at(name) == all.at(other));
  CHECK(all.at(name) != templates({std::string(1001, 'x') + "/1"}).begin()->second);
  CHECK_FALSE(templates({""}).at("").empty());
  for (const char* odd :
       {"{'Module': '", "{'Module': ''}", "{'Module': 'a'[[[", "{'Module': '..'}"})
    CHECK_FALSE(templates({odd}).at(odd).empty());
}
