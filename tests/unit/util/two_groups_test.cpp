// SPDX-License-Identifier: Apache-2.0
#include "gate/util/two_groups.h"

#include <cmath>
#include <random>
#include <vector>

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

/// How many of 10,000 samples of `n` values are split, of which each belongs to the second group,
/// `gap` standard deviations away, with this chance.
int split(std::size_t n, double gap, double share) {
  std::mt19937 random(static_cast<unsigned>(n));
  std::normal_distribution<double> scatter(0, 0.003);
  std::bernoulli_distribution second(share);
  int count = 0;
  for (int i = 0; i < 10000; ++i) {
    std::vector<double> values;
    while (values.size() < n)
      values.push_back(10e-6 * std::exp(scatter(random) + (second(random) ? 0.003 * gap : 0)));
    count += two_groups(values).has_value();
  }
  return count;
}

}  // namespace

TEST_CASE("one normal group is hardly ever split", "[two_groups]") {
  for (const std::size_t n : {8u, 12u, 17u, 24u, 36u}) CHECK(split(n, 0, 0) <= 30);
}

TEST_CASE("two groups are found when they are far apart", "[two_groups]") {
  // A few samples of twelve have fewer than two values of one group.
  CHECK(split(12, 20, 0.5) >= 9900);
  CHECK(split(24, 10, 0.5) >= 9900);
  CHECK(split(36, 10, 0.3) >= 9900);
}

TEST_CASE("the boundary lies between the groups, in their geometric middle", "[two_groups]") {
  const std::vector<double> values{15.3, 16.2, 15.31, 16.19, 15.29, 16.21, 15.3, 16.2};
  const auto boundary = two_groups(values);
  REQUIRE(boundary);
  CHECK_THAT(*boundary, WithinAbs(std::sqrt(15.31 * 16.19), 1e-9));
}

TEST_CASE("groups without scatter, equal values, one outlier and few values", "[two_groups]") {
  CHECK(two_groups(std::vector<double>{1, 1, 1, 1, 2, 2, 2, 2}));
  CHECK_FALSE(two_groups(std::vector<double>(12, 3.0)));
  CHECK_FALSE(two_groups(std::vector<double>{1, 1.001, 1.002, 1.001, 1, 0.999, 1.001, 2}));
  CHECK_FALSE(two_groups(std::vector<double>{1, 1, 1, 1, 2, 2, 2}));
  CHECK_FALSE(two_groups({}));
}
