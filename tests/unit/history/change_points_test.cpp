// SPDX-License-Identifier: Apache-2.0
// Steps in a history: what is found, and how often a quiet history says anything.
#include <algorithm>
#include <cmath>
#include <random>

#include "gate/history/change_points.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

constexpr std::size_t runs = 52, cases = 44;
constexpr double tau = 0.002;  ///< between runs of unchanged code

/// A history of 44 cases: runs differ by `tau`, times each case's own factor, and the first case is
/// slower by 0.5 % from each of `steps` on.
std::vector<CaseSeries> simulated(std::mt19937_64& random, const std::vector<std::size_t>& steps,
                                  double spread_of_cases) {
  std::normal_distribution<double> normal;
  std::vector<CaseSeries> all;
  for (std::size_t i = 0; i < cases; ++i) {
    CaseSeries series{"case" + std::to_string(i), {}, {}};
    const double sd = tau * std::exp(spread_of_cases * normal(random));
    double level = std::log(1e-5);
    for (std::size_t run = 0; run < runs; ++run) {
      if (i == 0 && std::find(steps.begin(), steps.end(), run) != steps.end()) level += 0.005;
      series.runs.push_back(run);
      series.durations_s.push_back(std::exp(level + sd * normal(random)));
    }
    all.push_back(std::move(series));
  }
  return all;
}

std::vector<CaseSeries> first_runs(std::vector<CaseSeries> all, std::size_t count) {
  for (CaseSeries& series : all) {
    series.runs.resize(count);
    series.durations_s.resize(count);
  }
  return all;
}

/// Whether a history, looked at after each of its runs, ever says that some case crept.
bool ever_says(const std::vector<CaseSeries>& all) {
  for (std::size_t count = fewest_runs; count <= runs; ++count)
    for (const CaseTrend& trend : trends(first_runs(all, count)))
      if (trend.crept) return true;
  return false;
}

}  // namespace

TEST_CASE("of quiet histories, at most one in twenty ever says anything", "[change_points]") {
  std::mt19937_64 random(21);
  int said = 0;
  constexpr int histories = 40;
  // Half of them with cases that scatter by very different amounts.
  for (int i = 0; i < histories; ++i) said += ever_says(simulated(random, {}, i % 2 ? 0.7 : 0.0));
  CHECK(said <= histories / 20);
}

TEST_CASE("ten steps of 0.5 % are found by the fourth, in the median", "[change_points]") {
  std::mt19937_64 random(5);
  std::vector<std::size_t> steps;
  for (std::size_t i = 0; i < 10; ++i) steps.push_back(5 + 4 * i);
  std::vector<std::size_t> found;
  for (int i = 0; i < 31; ++i) {
    const auto all = simulated(random, steps, 0);
    std::size_t count = fewest_runs;
    while (count < runs && !trends(first_runs(all, count)).front().crept) ++count;
    // The newest of the first `count` runs has seen so many steps.
    found.push_back(static_cast<std::size_t>(
        std::count_if(steps.begin(), steps.end(), [&](std::size_t step) { return step < count; })));
  }
  std::sort(found.begin(), found.end());
  CHECK(found[found.size() / 2] <= 4);
  CHECK(found.back() <= 6);
}

TEST_CASE("a step is found where it is, in either direction, with its size", "[change_points]") {
  CaseSeries series{"a", {}, {}};
  for (std::size_t i = 0; i < 30; ++i) {
    const double ripple = 1 + 0.001 * (i % 2 ? 1 : -1);
    series.runs.push_back(i);
    series.durations_s.push_back(1e-5 * ripple * (i < 10 ? 1 : i < 20 ? 1.03 : 0.97));
  }
  const CaseTrend trend = trends({series}).front();
  REQUIRE(trend.steps.size() == 2);
  CHECK(trend.steps[0].index == 10);
  CHECK_THAT(trend.steps[0].ratio, WithinAbs(0.03, 0.002));
  CHECK(trend.steps[1].index == 20);
  CHECK_THAT(trend.steps[1].ratio, WithinAbs(0.97 / 1.03 - 1, 0.002));
  CHECK_FALSE(trend.crept);  // it is faster now than it ever was
}

TEST_CASE("few runs say nothing, and only the newest run's board is looked at", "[change_points]") {
  CaseSeries short_series{"a", {0, 1, 2}, {1e-5, 1e-5, 2e-5}};
  CHECK_FALSE(trends({short_series}).front().crept);
  History history;
  for (int i = 0; i < 20; ++i) {
    HistoryRun run;
    run.board = i < 10 ? "GPU-a" : "GPU-b";
    run.cases.push_back({"a", i < 10 ? 1e-5 : 1.1e-5, {}, 5, "", {}});
    history.push_back(run);
  }
  const std::vector<CaseSeries> series = series_of(history);
  REQUIRE(series.size() == 1);
  CHECK(series.front().runs.front() == 10);
  CHECK_FALSE(trends(series).front().crept);
}

TEST_CASE("a slowdown that was repaired is no creep", "[change_points]") {
  for (const std::size_t repaired : {5u, 30u, 120u}) {
    CaseSeries series{"a", {}, {}};
    for (std::size_t i = 0; i < 60 + repaired; ++i) {
      series.runs.push_back(i);
      const double slower = i >= 30 && i < 60 ? 1.05 : 1;
      series.durations_s.push_back(1e-5 * slower * (i % 2 == 0 ? 1.001 : 0.999));
    }
    CaseSeries until = series;
    until.runs.resize(60);
    until.durations_s.resize(60);
    CHECK(trends({until}).front().crept);
    CHECK_FALSE(trends({series}).front().crept);
  }
}

TEST_CASE("what crept is told with its commit and day", "[change_points]") {
  History history;
  for (int i = 0; i < 12; ++i) {
    HistoryRun run;
    run.commit = std::string(40, static_cast<char>('a' + i % 6));
    run.created = "2025-01-02T03:04:05Z";
    run.cases.push_back({"a", (i < 6 ? 1e-5 : 1.02e-5) * (1 + 1e-4 * (i % 3)), {}, 5, "", {}});
    history.push_back(run);
  }
  const auto series = series_of(history);
  const auto trend = trends(series).front();
  REQUIRE(trend.crept);
  CHECK(crept_words(series.front(), *trend.crept, history) ==
        "slower by +2.0 % on average since aaaaaaaaaa (2025-01-02) than before");
}
