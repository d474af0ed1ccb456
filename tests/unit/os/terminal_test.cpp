// SPDX-License-Identifier: Apache-2.0
#include "gate/os/terminal.h"

#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("the bar says how long it will still take once a step is done", "[terminal]") {
  CHECK(progress_bar("counters", 0, 6, 1.5, 0) ==
        "[                              ] 1 of 6: counters");
  // Two steps took 6 s and four are left: 12 s.
  CHECK(progress_bar("timing", 2, 6, 6, 2) ==
        "[==========                    ] 3 of 6: timing, 12 s left");
  // This series was shown from its third step on: one step took 2 s, three are left.
  CHECK(progress_bar("timing", 3, 6, 2, 1) ==
        "[===============               ] 4 of 6: timing, 6 s left");
}
