// SPDX-License-Identifier: Apache-2.0
// Blocks on an SM by arithmetic, against the occupancy that ncu's calculator and the recorded
// counters of the pairs show.
#include "gate/diagnose/occupancy.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

KernelLaunch launch_of(int threads, int registers, std::int64_t shared_bytes) {
  return {"k", {1024, 1, 1}, {threads, 1, 1}, registers, shared_bytes, ""};
}

Residency on(const char* compute_capability, const KernelLaunch& launch) {
  const SmLimits* limits = find_sm_limits(compute_capability);
  REQUIRE(limits);
  const auto found = residency(launch, *limits);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("the smallest limit decides how many blocks an SM holds", "[occupancy]") {
  // 160 registers: 20,480 a block of 128 threads, and an SM has 65,536. The counters saw 17.3 %.
  const Residency attention = on("9.0", launch_of(128, 160, 17152));
  CHECK(attention.blocks == 3);
  CHECK(attention.limiter == Limiter::registers);
  // 119,552 B and the driver's 1 KB: one block in 228 KB. The counters saw 6.3 %.
  const Residency large = on("9.0", launch_of(128, 160, 119552));
  CHECK(large.blocks == 1);
  CHECK(large.limiter == Limiter::shared);
  const Residency wide = on("9.0", launch_of(1024, 32, 0));
  CHECK(wide.blocks == 2);
  CHECK(wide.limiter == Limiter::warps);
  const Residency small = on("8.6", launch_of(32, 32, 0));
  CHECK(small.blocks == 16);
  CHECK(small.limiter == Limiter::blocks);
}

TEST_CASE("a launch that does not fit, or an unknown chip, has no occupancy", "[occupancy]") {
  CHECK_FALSE(residency(launch_of(128, 32, 500 * 1024), *find_sm_limits("9.0")));
  CHECK_FALSE(residency(launch_of(2147483647, 1024, INT64_MAX), *find_sm_limits("9.0")));
  CHECK_FALSE(residency(launch_of(0, 32, 0), *find_sm_limits("9.0")));
  CHECK(find_sm_limits("3.5") == nullptr);
}

TEST_CASE("the table of limiters is in the order of its enum", "[occupancy]") {
  for (std::size_t i = 0; i < limiters.size(); ++i)
    CHECK(static_cast<std::size_t>(limiters[i].limiter) == i);
}
