// SPDX-License-Identifier: Apache-2.0
#include "gate/github/post_target.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("a list of places", "[post_target]") {
  CHECK(parse_places("status,comment,status") == std::vector<Place>{Place::comment, Place::status});
  for (const PlaceInfo& info : places) {
    CHECK(parse_places(std::string(info.id)) == std::vector<Place>{info.place});
    CHECK(&places[static_cast<std::size_t>(info.place)] == &info);
  }
}

TEST_CASE("an unknown place is named with the nearest one", "[post_target]") {
  CHECK_THAT(error_of<UsageError>([] { parse_places("comment,chek"); }),
             ContainsSubstring("unknown 'chek' (did you mean 'check'?)"));
  CHECK_THAT(error_of<UsageError>([] { parse_places(""); }), ContainsSubstring("known: comment"));
  CHECK_THAT(error_of<UsageError>([] { parse_places("check,"); }), ContainsSubstring("unknown ''"));
}
