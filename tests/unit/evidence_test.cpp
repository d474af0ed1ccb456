// Screen and confirmation, by hand; simulated runs are in simulation_test.cpp.
#include "gate/evidence.h"

#include <cmath>
#include <vector>

#include "catch.h"

using namespace perfgate;

namespace {

using Values = std::vector<double>;
constexpr Criteria one_percent{0.01, 0.05};
constexpr Proved nothing{}, slower{true, false}, faster{false, true};

Values scattered(double us, std::size_t n) {
  Values values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(us * (i % 2 ? 1.0005 : 0.9995) * 1e-6);
  return values;
}

Evidence rounds_of(double head_us, double base_us, std::size_t n) {
  return {scattered(10, 12), scattered(10.5, 5), scattered(head_us, n), scattered(base_us, n)};
}

}  // namespace

TEST_CASE("the screen picks, the rounds decide", "[evidence]") {
  const Evidence calm{scattered(10, 12), scattered(10.02, 5)};
  CHECK(conclude(calm, one_percent, nothing) == Conclusion::ruled_out);
  const Evidence slow{scattered(10, 12), scattered(10.2, 5)};
  CHECK(conclude(slow, one_percent, nothing) == Conclusion::unconfirmed);
  CHECK(conclude(slow, one_percent, slower) == Conclusion::confirmed);
  const Evidence fast{scattered(10, 12), scattered(9.8, 5)};
  CHECK(conclude(fast, one_percent, nothing) == Conclusion::seems_faster);
  CHECK(conclude(fast, one_percent, slower) == Conclusion::seems_faster);
  CHECK(conclude(fast, one_percent, faster) == Conclusion::faster);
  // The rounds alone are looked at once they are there, whatever the screen said.
  CHECK(conclude(rounds_of(10, 10, 6), one_percent, nothing) == Conclusion::refuted);
  CHECK(conclude(rounds_of(10.2, 10, 6), one_percent, slower) == Conclusion::confirmed);
  CHECK(conclude(rounds_of(10.2, 10, 5), one_percent, slower) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(10.2, 10, 6), one_percent, nothing) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(10.2, 10, 24), one_percent, nothing) == Conclusion::open);
  CHECK(conclude(rounds_of(9.8, 10, 6), one_percent, faster) == Conclusion::faster);
  CHECK(conclude(rounds_of(9.8, 10, 5), one_percent, faster) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(9.8, 10, 24), one_percent, nothing) == Conclusion::seems_faster);
  // Significant, but smaller than anybody asks about.
  CHECK(conclude(rounds_of(10.05, 10, 24), one_percent, slower) == Conclusion::refuted);
  CHECK(conclude(rounds_of(9.95, 10, 24), one_percent, faster) == Conclusion::refuted);
}

TEST_CASE("rounds against the base build do not look at the stored baseline", "[evidence]") {
  Evidence evidence = rounds_of(10.2, 10.2, 6);
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(0, 1e-12));
  evidence.rounds_base_s.clear();
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(std::log(1.02), 1e-9));
  evidence.machine = 0.02;  // the sentinels say that the machine is as much slower
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(0, 1e-9));
}

TEST_CASE("looks share the error", "[evidence]") {
  CHECK_THAT(look_alpha(0.003), WithinRel(0.001, 1e-12));
  CHECK_FALSE(estimate({scattered(10, 12), scattered(10, 1)}));
}
