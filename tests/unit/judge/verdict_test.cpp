// SPDX-License-Identifier: Apache-2.0
#include "gate/judge/verdict.h"

#include <algorithm>
#include <array>
#include <set>

#include "gate/report/report.h"
#include "gate/util/exit_code.h"
#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("each verdict and reason finds its own row", "[verdict]") {
  CHECK(verdict_info(Verdict::missing).id == "missing");
  CHECK(verdict_info(Verdict::regressed).id == "regressed");
  CHECK(reason_info(Reason::slower).id == "slower");
  CHECK(reason_info(Reason::no_baseline).id == "no_baseline");
  std::set<std::string_view> ids;
  for (const VerdictInfo& info : verdicts) ids.insert(info.id);
  for (const ReasonInfo& info : reasons) ids.insert(info.id);
  CHECK(ids.size() == verdicts.size() + reasons.size());
}

TEST_CASE("each reason has a title of its own, of four words at most", "[verdict]") {
  std::set<std::string_view> titles;
  for (const ReasonInfo& info : reasons) {
    INFO(info.id);
    CHECK(std::count(info.title.begin(), info.title.end(), ' ') < 4);
    CHECK(titles.insert(info.title).second);
  }
}

TEST_CASE("what is judged and what failed", "[verdict]") {
  for (const Verdict judged :
       {Verdict::pass, Verdict::improved, Verdict::regressed, Verdict::inconclusive})
    CHECK(verdict_info(judged).outcome == Outcome::judged);
  for (const Verdict failed : {Verdict::invalid, Verdict::missing})
    CHECK(verdict_info(failed).outcome == Outcome::failed);
}

TEST_CASE("only two reasons regress, one improves and five pass", "[verdict]") {
  for (const ReasonInfo& info : reasons) {
    CHECK((info.verdict == Verdict::regressed) ==
          (info.reason == Reason::slower || info.reason == Reason::more_work));
    CHECK((info.verdict == Verdict::improved) == (info.reason == Reason::faster));
    const bool good = info.reason == Reason::within_tolerance ||
                      info.reason == Reason::not_flagged || info.reason == Reason::not_confirmed ||
                      info.reason == Reason::seems_faster ||
                      info.reason == Reason::same_code_faster;
    CHECK((info.verdict == Verdict::pass) == good);
  }
}

TEST_CASE("exit codes are the documented ones", "[verdict]") {
  std::set<int> codes;
  for (const ExitCodeInfo& info : exit_codes) codes.insert(static_cast<int>(info.code));
  CHECK(codes == std::set<int>{0, 1, 2, 3, 130});
  CHECK(verdict_word(ExitCode::pass) == "PASS");
  CHECK(verdict_word(ExitCode::regressed) == "FAIL");
  CHECK(verdict_word(ExitCode::no_verdict) == "NO VERDICT");
}

TEST_CASE("one more verdict is one more row, and sorted with the others", "[verdict]") {
  std::array<VerdictInfo, verdicts.size() + 1> table{};
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    table[i] = verdicts[i];
    if (table[i].order >= 4) ++table[i].order;  // makes room after inconclusive
  }
  constexpr auto accepted = static_cast<Verdict>(verdicts.size());
  table.back() = {accepted,          "accepted",       Outcome::judged,    4, "=", "36",
                  JunitKind::passed, Annotation::none, "slower, and meant"};
  const auto order = verdicts_by_order(table);
  CHECK(order.front() == Verdict::regressed);
  CHECK(order[4] == accepted);
  CHECK(order[order.size() - 2] == Verdict::pass);
  CHECK(order.back() == Verdict::measured);
  CHECK(std::set<Verdict>(order.begin(), order.end()).size() == table.size());
}

TEST_CASE("every place in the order is taken once", "[verdict]") {
  std::set<int> places;
  for (const VerdictInfo& info : verdicts) places.insert(info.order);
  CHECK(places.size() == verdicts.size());
  CHECK(*places.begin() == 0);
  CHECK(*places.rbegin() == static_cast<int>(verdicts.size()) - 1);
}
