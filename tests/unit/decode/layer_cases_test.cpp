// SPDX-License-Identifier: Apache-2.0
// The built-in layer becomes cases that the rest of the gate judges without knowing the layer.
#include "gate/decode/layer_cases.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("ten stages, and a layer that is made of them", "[layer_cases]") {
  const std::vector<Case> cases = cases_of(workload(llama_2_7b()), 3);
  REQUIRE(cases.size() == 11);
  const Case& layer = cases.back();
  CHECK(layer.id == "llama-2-7b/b1/s1024/fp16/layer");
  REQUIRE(layer.whole_of.size() == 10);
  double bytes = 0, operations = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(cases[i].id == case_id(cases[i].group, cases[i].part));
    CHECK(cases[i].id == layer.whole_of[i]);
    CHECK(cases[i].whole_of.empty());
    CHECK(cases[i].source == 3);
    bytes += *cases[i].work.dram_bytes;
    operations += *cases[i].work.operations;
  }
  CHECK(layer.work.dram_bytes == Approx(bytes));
  CHECK(layer.work.operations == Approx(operations));
}

TEST_CASE("matrix products run on the tensor cores", "[layer_cases]") {
  for (const Case& planned : cases_of(workload(llama_3_8b(), 16))) {
    INFO(planned.part);
    const bool product =
        planned.part.ends_with("_proj") || planned.part == "attention" || planned.part == "layer";
    CHECK(planned.work.pipe == (product ? Pipe::tensor : Pipe::fp32));
  }
}
