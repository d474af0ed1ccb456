#include "gate/judge/verdict.h"

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

TEST_CASE("exit codes are those of the design", "[verdict]") {
  std::set<int> codes;
  for (const ExitCodeInfo& info : exit_codes) codes.insert(static_cast<int>(info.code));
  CHECK(codes == std::set<int>{0, 1, 2, 3, 130});
  CHECK(verdict_word(ExitCode::pass) == "PASS");
  CHECK(verdict_word(ExitCode::regressed) == "FAIL");
  CHECK(verdict_word(ExitCode::no_verdict) == "NO VERDICT");
}
