// SPDX-License-Identifier: Apache-2.0
#include "gate/run/clock_note.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

RunRecord with_clocks(std::vector<Spread> spreads, ClockPolicy policy) {
  RunRecord run;
  run.clocks = policy;
  for (const Spread& spread : spreads) {
    ProcessRecord process;
    process.conditions.emplace();
    process.conditions->sm_clock_hz = spread;
    run.processes.push_back(process);
  }
  return run;
}

}  // namespace

TEST_CASE("free clocks are noted with what was seen in all processes", "[clock_note]") {
  const std::vector<Spread> spreads{{1.8e9, 1.9e9, 1.98e9}, {1.5e9, 1.9e9, 1.95e9}};
  // 1980 / 1500 is 32 % more.
  CHECK(free_clocks_note(with_clocks(spreads, ClockPolicy::observe)) ==
        "free clocks: SM 1500 to 1980 MHz under load (32.0 %); clocks = \"lock\" or --lock-clocks "
        "holds them");
  for (const ClockPolicy held : {ClockPolicy::lock, ClockPolicy::verify})
    CHECK(free_clocks_note(with_clocks(spreads, held)).empty());
}

TEST_CASE("free clocks that did not move are one number", "[clock_note]") {
  CHECK(free_clocks_note(with_clocks({{1.98e9, 1.98e9, 1.98e9}}, ClockPolicy::observe)) ==
        "free clocks: SM at 1980 MHz under load; clocks = \"lock\" or --lock-clocks holds them");
}

TEST_CASE("free clocks that the driver did not tell are noted as such", "[clock_note]") {
  CHECK_THAT(free_clocks_note(with_clocks({}, ClockPolicy::observe)),
             StartsWith("free clocks, which were not read;"));
}
