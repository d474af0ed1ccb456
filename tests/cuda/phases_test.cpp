// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/phases.h"

#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("phases share out the time without gap or overlap", "[phases]") {
  double now_s = 100;
  Phases phases("context", [&] { return now_s; });
  now_s = 100.5;
  phases.enter("step");
  now_s = 102.5;
  phases.enter("stages");
  now_s = 103.5;
  phases.enter("step");
  now_s = 107.5;
  const std::map<std::string, double> first{{"context", 0.5}, {"stages", 1}, {"step", 6}};
  CHECK(phases.seconds() == first);
  now_s = 108.5;  // asking did not end the phase
  CHECK(phases.seconds().at("step") == 7);
}
