// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/slowdown_plan.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("stages and a ratio", "[slowdown_plan]") {
  const StretchPlan plan = parse_stretch("o_proj,attention=0.02");
  CHECK(plan.stages == std::vector<Stage>{Stage::o_proj, Stage::attention});
  CHECK(plan.ratio == 0.02);
  CHECK(plan.covers(Stage::attention));
  CHECK_FALSE(plan.covers(Stage::qkv_proj));
  CHECK_FALSE(StretchPlan{}.covers(Stage::o_proj));
}

TEST_CASE("what is not stages and a ratio is refused by name", "[slowdown_plan]") {
  for (const char* text :
       {"o_proj", "o_proj=", "o_proj=x", "o_proj=2", "o_proj=-0.1", "o_proj=0.1x"})
    CHECK_THAT(error_of<UsageError>([&] { parse_stretch(text); }),
               ContainsSubstring("STAGE,STAGE=RATIO"));
  CHECK_THAT(error_of<UsageError>([] { parse_stretch("o_prj=0.1"); }),
             ContainsSubstring("no stage is called 'o_prj'"));
}
