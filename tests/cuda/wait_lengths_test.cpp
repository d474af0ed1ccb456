// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/wait_lengths.h"

#include <cstdlib>
#include <vector>

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

std::vector<double> lengths_of(const Dither& dither, int count) {
  WaitLengths lengths(dither);
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(lengths.next_s());
  return out;
}

}  // namespace

TEST_CASE("waits are uniform from 0 to the longest", "[wait_lengths]") {
  constexpr int count = 12000, bins = 12;
  std::vector<int> histogram(bins);
  for (const double s : lengths_of({7, 120e-6}, count)) {
    REQUIRE(s >= 0);
    REQUIRE(s < 120e-6);
    ++histogram[static_cast<std::size_t>(s / 10e-6)];
  }
  // 1000 are expected in each bin, with a standard deviation of sqrt(12000 / 12 * 11 / 12) = 30.
  for (const int found : histogram) CHECK(std::abs(found - 1000) < 150);
}

TEST_CASE("a seed gives the same waits again, another one others", "[wait_lengths]") {
  CHECK(lengths_of({1, 1e-4}, 20) == lengths_of({1, 1e-4}, 20));
  CHECK(lengths_of({1, 1e-4}, 20) != lengths_of({2, 1e-4}, 20));
  // std::mt19937_64's 10000th number is fixed by the C++ standard, [rand.predef], for seed 5489.
  CHECK(lengths_of({5489, 1}, 10000).back() ==
        static_cast<double>(9981545732273789042ull >> 11) * 0x1p-53);
}

TEST_CASE("without a longest wait there is none", "[wait_lengths]") {
  for (const double s : lengths_of({3, 0}, 5)) CHECK(s == 0);
}
