// SPDX-License-Identifier: Apache-2.0
// Screen and confirmation, worked out by hand; simulated runs are in simulation_test.cpp.
#include "gate/judge/conclusion.h"

#include <cmath>
#include <vector>

#include "tests/support/catch.h"

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

/// A stored baseline of one session, and a screen.
Evidence screened(const Values& baseline, const Values& head) {
  Evidence evidence;
  evidence.baseline = {{baseline, 0}};
  evidence.screen_s = head;
  return evidence;
}

Evidence rounds_of(double head_us, double base_us, std::size_t n) {
  Evidence evidence = screened(scattered(10, 12), scattered(10.5, 5));
  evidence.rounds_s = scattered(head_us, n);
  evidence.rounds_base_s = scattered(base_us, n);
  return evidence;
}

}  // namespace

TEST_CASE("the screen picks, the rounds decide", "[conclusion]") {
  const Evidence calm = screened(scattered(10, 12), scattered(10.02, 5));
  CHECK(conclude(calm, one_percent, nothing) == Conclusion::ruled_out);
  const Evidence slow = screened(scattered(10, 12), scattered(10.2, 5));
  CHECK(conclude(slow, one_percent, nothing) == Conclusion::unconfirmed);
  CHECK(conclude(slow, one_percent, slower) == Conclusion::confirmed);
  const Evidence fast = screened(scattered(10, 12), scattered(9.8, 5));
  CHECK(conclude(fast, one_percent, nothing) == Conclusion::seems_faster);
  CHECK(conclude(fast, one_percent, slower) == Conclusion::seems_faster);
  CHECK(conclude(fast, one_percent, faster) == Conclusion::faster);
  // Once there are rounds, only they count, whatever the screen said.
  CHECK(conclude(rounds_of(10, 10, 6), one_percent, nothing) == Conclusion::refuted);
  CHECK(conclude(rounds_of(10.2, 10, 6), one_percent, slower) == Conclusion::confirmed);
  CHECK(conclude(rounds_of(10.2, 10, 5), one_percent, slower) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(10.2, 10, 6), one_percent, nothing) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(10.2, 10, 24), one_percent, nothing) == Conclusion::open);
  CHECK(conclude(rounds_of(9.8, 10, 6), one_percent, faster) == Conclusion::faster);
  CHECK(conclude(rounds_of(9.8, 10, 5), one_percent, faster) == Conclusion::unconfirmed);
  CHECK(conclude(rounds_of(9.8, 10, 24), one_percent, nothing) == Conclusion::seems_faster);
  // Rounds that no screen came before, as in `ab`, have nothing to refute.
  const auto first_look = [](double head_us, std::size_t n) {
    Evidence evidence = rounds_of(head_us, 10, n);
    evidence.screen_s.clear();
    return evidence;
  };
  CHECK(conclude(first_look(10, 6), one_percent, nothing) == Conclusion::ruled_out);
  CHECK(conclude(first_look(10.2, 6), one_percent, slower) == Conclusion::confirmed);
  CHECK(conclude(first_look(10.2, 24), one_percent, nothing) == Conclusion::open);
  // This is significant, but smaller than the threshold.
  CHECK(conclude(rounds_of(10.05, 10, 24), one_percent, slower) == Conclusion::refuted);
  CHECK(conclude(rounds_of(9.95, 10, 24), one_percent, faster) == Conclusion::refuted);
}

TEST_CASE("the screen's bounds flag and acquit, not its estimate", "[conclusion]") {
  // A scatter of 1.5 % and 12 against 5 processes give an error of about 0.8 %, so t is 1.5 for
  // +1.2 % (flagged from 1.75 on), and for +0.5 % the upper bound is +1.9 %.
  const auto scattered_more = [](double us, std::size_t n) {
    Values values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(us * (i % 2 ? 1.015 : 0.985));
    return values;
  };
  const Evidence looks_slower = screened(scattered_more(10, 12), scattered_more(10.15, 5));
  const Evidence hides_some = screened(scattered_more(10, 12), scattered_more(10.08, 5));
  for (const Evidence& one : {looks_slower, hides_some})
    CHECK(conclude(one, one_percent, nothing) == Conclusion::unflagged);
  CHECK(change_of(*estimate(looks_slower), 0.05).effect > 0.01);
  CHECK(change_of(*estimate(hides_some), 0.05).effect < 0.01);
}

TEST_CASE("what the rounds leave open is measured on, not acquitted", "[conclusion]") {
  // Paired differences of +0.8 % scatter by 1 %: the upper bound of six rounds is above 1 %.
  Evidence evidence = rounds_of(10, 10, 6);
  for (std::size_t i = 0; i < 6; ++i) evidence.rounds_s[i] *= i % 2 ? 1.018 : 0.998;
  CHECK(change_of(*estimate(evidence), 0.05).effect < 0.01);
  CHECK(conclude(evidence, one_percent, nothing) == Conclusion::unconfirmed);
}

TEST_CASE("rounds against the base build do not look at the stored baseline", "[conclusion]") {
  Evidence evidence = rounds_of(10.2, 10.2, 6);
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(0, 1e-12));
  evidence.rounds_base_s.clear();
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(std::log(1.02), 1e-9));
  evidence.baseline[0].machine = 0.02;  // the sentinels say that the machine is as much slower
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(0, 1e-9));
}

TEST_CASE("looks share the error", "[conclusion]") {
  CHECK_THAT(look_alpha(0.003), WithinRel(0.001, 1e-12));
  CHECK_FALSE(estimate(screened(scattered(10, 12), scattered(10, 1))));
  // The bounds that are shown are those of the decision, so the looks share their error, too.
  const Evidence rounds = rounds_of(10, 10, 6);
  CHECK_THAT(bound_alpha(rounds, one_percent), WithinRel(0.05 / 3, 1e-12));
  CHECK_THAT(bound_alpha(screened(scattered(10, 12), scattered(10, 5)), one_percent),
             WithinRel(0.05, 1e-12));
  CHECK_THAT(shown_change(rounds, *estimate(rounds), one_percent).upper,
             WithinRel(change_of(*estimate(rounds), 0.05 / 3).upper, 1e-12));
}

TEST_CASE("a screen beside the base build is of pairs", "[conclusion]") {
  // Both sides follow the same wave, which is no scatter of their ratio, and the stored baseline is
  // far off.
  Evidence evidence = screened(scattered(5e6, 12), {10.2, 11.22, 10.2, 11.22, 10.2});
  evidence.screen_base_s = {10, 11, 10, 11, 10};
  CHECK(evidence.against_base_build());
  CHECK_THAT(estimate(evidence)->effect, WithinAbs(std::log(1.02), 1e-9));
  CHECK_THAT(estimate(evidence)->error, WithinAbs(0, 1e-9));
  CHECK_THAT(estimate_stored(evidence)->effect, WithinAbs(std::log(1.02 * 10.389 / 5), 1e-3));
  evidence.rounds_s = {9, 9};
  CHECK_FALSE(evidence.against_base_build());  // the rounds went on without it
}

TEST_CASE("sessions tell how much unchanged code moves", "[conclusion]") {
  // Processes within a session are alike, sessions differ by 1 %: no proof rests on the processes.
  Evidence evidence;
  for (const double us : {10.0, 10.1, 9.9}) evidence.baseline.push_back({scattered(us, 4), 0});
  evidence.screen_s = scattered(10.1, 5);
  CHECK(estimate(evidence)->error > 0.01);
  Evidence one = screened(scattered(10, 12), scattered(10.1, 5));
  CHECK(estimate(one)->error < 0.001);
  one.session = {1e-4, 16};  // what other cases, or the policy, say of sessions
  CHECK_THAT(estimate(one)->error, WithinAbs(std::sqrt(2e-4), 1e-5));
  one.board = {1e-4, 1};
  CHECK_THAT(estimate(one)->error, WithinAbs(std::sqrt(3e-4), 1e-5));
}
