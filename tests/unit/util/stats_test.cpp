// SPDX-License-Identifier: Apache-2.0
#include "gate/util/stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

using Values = std::vector<double>;

Values exp_of(const Values& logs) {
  Values out;
  for (const double value : logs) out.push_back(std::exp(value));
  return out;
}

}  // namespace

TEST_CASE("the mean of the middle half, with fractional ends", "[stats]") {
  // 8 values: the middle half is 3, 4, 5, 6.
  CHECK_THAT(interquartile_mean(Values{8, 1, 7, 2, 6, 3, 5, 4}), WithinRel(4.5, 1e-12));
  // 5 values: from 1.25 to 3.75 of the order: (0.75 * 2 + 3 + 0.75 * 4) / 2.5.
  CHECK_THAT(interquartile_mean(Values{1, 2, 3, 4, 100}), WithinRel(3.0, 1e-12));
  // 6 values: (0.5 * 2 + 3 + 4 + 0.5 * 5) / 3.
  CHECK_THAT(interquartile_mean(Values{1, 2, 3, 4, 5, 60}), WithinRel(3.5, 1e-12));
  // 3 values: (0.25 * 1 + 2 + 0.25 * 6) / 1.5.
  CHECK_THAT(interquartile_mean(Values{6, 2, 1}), WithinRel(2.5, 1e-12));
  CHECK_THAT(interquartile_mean(Values{1, 3}), WithinRel(2.0, 1e-12));
  CHECK_THAT(interquartile_mean(Values{7}), WithinRel(7.0, 1e-12));
  CHECK_THROWS_AS(interquartile_mean(Values{}), std::invalid_argument);
}

TEST_CASE("spikes in a quarter of the samples do not move the statistic", "[stats]") {
  Values values(200, 3e-6);
  const double calm = interquartile_mean(values);
  std::fill(values.begin(), values.begin() + 49, 1.0);
  CHECK(interquartile_mean(values) == calm);
}

TEST_CASE("quantiles are R's type 7", "[stats]") {
  // R: quantile(c(1, 2, 3, 4), c(0.25, 0.5, 0.75)) is 1.75, 2.50, 3.25.
  const Values values{4, 1, 3, 2};
  CHECK_THAT(quantile(values, 0.25), WithinRel(1.75, 1e-12));
  CHECK_THAT(quantile(values, 0.5), WithinRel(2.5, 1e-12));
  CHECK_THAT(quantile(values, 0.75), WithinRel(3.25, 1e-12));
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, 1) == 4);
  CHECK(quantile(Values{5}, 0.3) == 5);
  CHECK(median(Values{9, 1, 2}) == 2);
  CHECK_THROWS_AS(median(Values{}), std::invalid_argument);
}

TEST_CASE("a comparison worked out by hand", "[stats]") {
  // Logs: means 0 and 0.05; squared deviations 2e-4 on each side; pooled variance 4e-4 / 4 = 1e-4;
  // standard error sqrt(1e-4 * 2/3) = 0.0081650. Table: t(0.99, df 4) = 3.747, t(0.90, df 4)
  // = 1.533.
  const Values base = exp_of({-0.01, 0, 0.01}), head = exp_of({0.06, 0.04, 0.05});
  const Change change = change_of(pooled(base, head), 0.01);
  CHECK_THAT(change.effect, WithinRel(std::expm1(0.05), 1e-9));
  CHECK_THAT(change.lower, WithinAbs(std::expm1(0.05 - 3.747 * 0.0081650), 1e-5));
  CHECK_THAT(change.upper, WithinAbs(std::expm1(0.05 + 3.747 * 0.0081650), 1e-5));
  CHECK_THAT(change.detectable, WithinAbs(std::expm1((3.747 + 1.533) * 0.0081650), 1e-5));
}

TEST_CASE("bounds follow the published t table", "[stats]") {
  // Two groups with the same spread: n values each, half at -s and half at +s around the mean.
  struct Row {
    int base, head;
    double alpha, t;
  };
  // One-sided quantiles with df = base + head - 2, as in any printed table.
  constexpr std::array<Row, 5> rows{{{12, 5, 0.01, 2.602},
                                     {5, 5, 0.01, 2.896},
                                     {6, 6, 0.05, 1.812},
                                     {2, 2, 0.01, 6.965},
                                     {6, 6, 0.001, 4.144}}};
  for (const Row& row : rows) {
    const auto spread = [](int n, double centre) {
      Values logs;
      for (int i = 0; i < n; ++i) logs.push_back(centre + (i % 2 ? 0.01 : -0.01));
      return logs;
    };
    const Values base = spread(row.base, 0), head = spread(row.head, 0);
    double squares = 0, sum_base = 0, sum_head = 0;
    for (const double x : base) sum_base += x;
    for (const double x : head) sum_head += x;
    for (const double x : base) squares += (x - sum_base / row.base) * (x - sum_base / row.base);
    for (const double x : head) squares += (x - sum_head / row.head) * (x - sum_head / row.head);
    const double error =
        std::sqrt(squares / (row.base + row.head - 2) * (1.0 / row.base + 1.0 / row.head));
    const Change change = change_of(pooled(exp_of(base), exp_of(head)), row.alpha);
    const double half_width = (std::log1p(change.upper) - std::log1p(change.lower)) / 2;
    INFO("df " << row.base + row.head - 2 << ", alpha " << row.alpha);
    CHECK_THAT(half_width / error, WithinAbs(row.t, 6e-4));
  }
}

TEST_CASE("the sign of a change", "[stats]") {
  const Values slow{1.10, 1.11, 1.09}, fast{1.00, 1.01, 0.99};
  const Change slower = change_of(pooled(fast, slow), 0.01),
               faster = change_of(pooled(slow, fast), 0.01);
  CHECK(slower.effect > 0);
  CHECK(slower.lower > 0);
  CHECK(faster.effect < 0);
  CHECK(faster.upper < 0);
  // The bounds change places when base and head do.
  CHECK_THAT((1 + slower.lower) * (1 + faster.upper), WithinRel(1.0, 1e-9));
}

TEST_CASE("a comparison does not depend on the unit of time", "[stats]") {
  const Values base{3.1, 3.0, 3.2, 3.05}, head{3.3, 3.1, 3.2};
  Values base_s = base, head_s = head;
  for (double& x : base_s) x *= 1e-6;
  for (double& x : head_s) x *= 1e-6;
  const Change a = change_of(pooled(base, head), 0.05), b = change_of(pooled(base_s, head_s), 0.05);
  CHECK_THAT(a.effect, WithinRel(b.effect, 1e-9));
  CHECK_THAT(a.upper, WithinRel(b.upper, 1e-9));
}

TEST_CASE("no scatter at all is a comparison, too", "[stats]") {
  const Change change = change_of(pooled(Values{2, 2}, Values{3, 3}), 0.01);
  CHECK_THAT(change.lower, WithinRel(0.5, 1e-9));
  CHECK_THAT(change.upper, WithinRel(0.5, 1e-9));
  CHECK(change.detectable == 0);
}

TEST_CASE("one value on a side is refused", "[stats]") {
  CHECK_THROWS_AS(pooled(Values{1}, Values{1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(pooled(Values{1, 2}, Values{1}), std::invalid_argument);
}

TEST_CASE("paired rounds, worked out by hand", "[stats]") {
  // Differences of logs 0.01, 0.03, 0.02: mean 0.02, sd 0.01, error 0.01 / sqrt(3), df 2.
  const Estimate one = paired(exp_of({0, 0.5, -0.3}), exp_of({0.01, 0.53, -0.28}));
  CHECK_THAT(one.effect, WithinAbs(0.02, 1e-12));
  CHECK_THAT(one.error, WithinAbs(0.01 / std::sqrt(3.0), 1e-12));
  CHECK(one.freedom == 2);
  // t = 3.4641 with df 2: one-sided p = 0.03709 (for df 2 it is (1 - t / sqrt(t^2 + 2)) / 2).
  CHECK_THAT(slower_p_value(one), WithinAbs(0.0371, 1e-4));
  CHECK_THAT(slower_p_value({-one.effect, one.error, one.freedom}), WithinAbs(1 - 0.0371, 1e-4));
  CHECK(slower_p_value({0.01, 0, 5}) == 0);
  CHECK(slower_p_value({0, 0, 5}) == 1);
  CHECK_THROWS_AS(paired(Values{1, 2}, Values{1, 2, 3}), std::invalid_argument);
}

TEST_CASE("the chance that a head is not faster by more than a margin", "[stats]") {
  // Table: t(0.95, df 4) = 2.132, t(0.99, df 4) = 3.747; ln 0.98 = -0.020203.
  const double margin = -0.020203, error = 0.01;
  CHECK_THAT(faster_p_value({margin - 2.132 * error, error, 4}, 0.02), WithinAbs(0.05, 1e-4));
  CHECK_THAT(faster_p_value({margin - 3.747 * error, error, 4}, 0.02), WithinAbs(0.01, 1e-4));
  CHECK_THAT(faster_p_value({margin, error, 4}, 0.02), WithinAbs(0.5, 1e-4));
  CHECK_THAT(faster_p_value({margin + 2.132 * error, error, 4}, 0.02), WithinAbs(0.95, 1e-4));
  CHECK(faster_p_value({-0.03, 0, 5}, 0.02) == 0);
  CHECK(faster_p_value({-0.02, 0, 5}, 0.02) == 1);
  // A floor of 0.1 us is more than the whole of a 0.05 us kernel.
  CHECK(faster_p_value({-1, 0.01, 5}, 2) == 1);
}

TEST_CASE("Holm's procedure", "[stats]") {
  // Holm (1979): 0.01 <= 0.05 / 4, 0.013 <= 0.05 / 3, 0.04 > 0.05 / 2: the third stops it.
  CHECK(holm(Values{0.04, 0.01, 0.03, 0.013}, 0.05) == std::vector<bool>{false, true, false, true});
  CHECK(holm(Values{0.012, 0.02}, 0.05) == std::vector<bool>{true, true});
  CHECK(holm(Values{0.04, 0.04}, 0.05) == std::vector<bool>{false, false});
  CHECK(holm(Values{}, 0.05).empty());
  const std::vector<double> levels = holm_levels(Values{0.04, 0.01, 0.03}, 0.06);
  CHECK_THAT(levels[0], WithinAbs(0.06, 1e-15));
  CHECK_THAT(levels[1], WithinAbs(0.02, 1e-15));
  CHECK_THAT(levels[2], WithinAbs(0.03, 1e-15));
}

TEST_CASE("the error of the lower bound is alpha", "[stats]") {
  // 4000 A/A comparisons at alpha 0.05: 200 expected, sd 13.8; five sd on each side.
  std::mt19937 random(20240613);
  std::normal_distribution<double> noise(0, 0.01);
  int alarms = 0;
  for (int i = 0; i < 4000; ++i) {
    Values base, head;
    for (int k = 0; k < 12; ++k) base.push_back(std::exp(noise(random)));
    for (int k = 0; k < 5; ++k) head.push_back(std::exp(noise(random)));
    alarms += change_of(pooled(base, head), 0.05).lower > 0;
  }
  CHECK(alarms > 200 - 69);
  CHECK(alarms < 200 + 69);
}

TEST_CASE("more often than chance has it, by Fisher's exact test", "[stats]") {
  // 6 of 12 before, 4 of 5 now: C(10, 4) C(7, 1) / C(17, 5) + C(10, 5) / C(17, 5) = 1722 / 6188.
  CHECK_THAT(more_often_p_value({6, 12}, {4, 5}), WithinAbs(1722.0 / 6188, 1e-12));
  CHECK_THAT(more_often_p_value({0, 12}, {5, 5}), WithinAbs(1.0 / 6188, 1e-12));
  CHECK_THAT(more_often_p_value({12, 12}, {5, 5}), WithinAbs(1, 1e-12));
  CHECK_THAT(more_often_p_value({3, 12}, {0, 5}), WithinAbs(1, 1e-12));
}
