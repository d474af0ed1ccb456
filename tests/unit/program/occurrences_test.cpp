// SPDX-License-Identifier: Apache-2.0
#include "gate/program/occurrences.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

using Launches = std::vector<std::uint64_t>;
using Indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("occurrences that are alike are all used", "[occurrences]") {
  const OccurrenceChoice choice = choose_occurrences("x/", Launches{9, 9, 1, 1, 1, 7}, 2, 3);
  CHECK(choice.state == OccurrenceState::alike);
  CHECK(choice.used == Indices{2, 3, 4});  // neither the warm-up nor what comes after counts
  CHECK(choice.dropped.empty());
  CHECK(choice.text.empty());
}

TEST_CASE("those with other launches are dropped", "[occurrences]") {
  Launches launches(40, 1);
  for (std::size_t i = 0; i < 9; ++i) launches[4 * i] = 100 + i;
  const OccurrenceChoice choice = choose_occurrences("x/", launches, 0, 40);
  CHECK(choice.state == OccurrenceState::mostly_alike);
  CHECK(choice.used.size() == 31);
  CHECK(choice.dropped == Indices{0, 4, 8, 12, 16, 20, 24, 28, 32});
  CHECK(choice.text == "'x/': 31 of 40 alike; judged on those");
  CHECK(occurrence_state_info(choice.state).conclusive);
}

TEST_CASE("too few occurrences", "[occurrences]") {
  const OccurrenceChoice choice = choose_occurrences("x/", Launches{1, 1, 1}, 5, 40);
  CHECK(choice.state == OccurrenceState::too_few);
  CHECK(choice.text == "'x/' occurred 3 times, 45 are needed (5 skipped)");
  CHECK(choice.used.empty());
  CHECK_FALSE(occurrence_state_info(choice.state).conclusive);
  CHECK(choose_occurrences("x/", Launches{1, 1, 1}, 0, 40, 5).text ==
        "'x/' occurred 8 times, 45 are needed (5 skipped)");
  CHECK(choose_occurrences("x/", Launches(44, 1), 5, 40).state == OccurrenceState::too_few);
  CHECK(choose_occurrences("x/", Launches(45, 1), 5, 40).state == OccurrenceState::alike);
  CHECK(choose_occurrences("x/", Launches{1}, 0, 2).text == "'x/' occurred 1 time, 2 are needed");
  CHECK(choose_occurrences("x/", {}, 0, 0).state == OccurrenceState::too_few);
}

TEST_CASE("no majority is no evidence", "[occurrences]") {
  const OccurrenceChoice choice = choose_occurrences("x/", Launches{1, 2, 1, 2}, 0, 4);
  CHECK(choice.state == OccurrenceState::inconsistent);
  CHECK(choice.text == "'x/' is inconsistent: only 2 of 4 alike");
  CHECK(choice.used.empty());
  CHECK_FALSE(occurrence_state_info(choice.state).conclusive);
  CHECK(choose_occurrences("x/", Launches{1, 2, 1, 2, 2}, 0, 5).used == Indices{1, 3, 4});
}
