// SPDX-License-Identifier: Apache-2.0
// Explains real pairs of runs: in each, one thing was changed on purpose (tests/recordings/pairs),
// so the expected sentence is known from the change.
#include <array>
#include <cmath>

#include "gate/diagnose/diagnosis.h"
#include "gate/exchange/exporter.h"
#include "gate/github/comment_text.h"
#include "gate/github/workflow_commands.h"
#include "gate/report/make_report.h"
#include "gate/report/page_data.h"
#include "gate/report/render.h"
#include "gate/run/run_view.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

/// Without a base's name both builds are in the head's file.
Report judged(const std::string& head, const std::string& base) {
  const RunRecord run = recorded("pairs/" + head);
  Report report =
      make_report(run, make_baseline(base.empty() ? base_side(run) : recorded("pairs/" + base)),
                  strict_policy());
  REQUIRE(report.cases.size() == 1);
  return report;
}

CaseReport explained(const std::string& head, const std::string& base) {
  return judged(head, base).cases[0];
}

struct Pair {
  const char *head, *base;
  Cause cause;
  const char *title, *evidence;
};
constexpr std::array<Pair, 9> pairs{{
    {"instructions", "silu-base", Cause::work, "more work", "instructions +1300.8 %"},
    {"coalescing", "silu-base", Cause::coalescing, "worse coalescing",
     "L1 sectors a request 16.0 to 32.0"},
    {"latency", "silu-base", Cause::latency, "longer waits", "stall sleeping"},
    // The code is the same, a constant argument is not.
    {"locality", "locality-base", Cause::locality, "locality lost", "L2 hit rate 41 to 27 %"},
    {"occupancy", "attention-base", Cause::occupancy, "lower occupancy",
     "3 to 1 block an SM, limited by shared memory"},
    // More splits of a context give more blocks, each with its own start and end.
    {"split", "split-base", Cause::work, "more work", "launch changed (grid 344x1x1 to "},
    {"argument", "argument-base", Cause::data, "argument or data",
     "instructions +950.2 %: explains the +576.7 %; same code and launch"},
    {"fusion", "fusion-base", Cause::kernels, "other kernels",
     "1 to 2 kernels: perfgate::silu_kernel<__half> instead of"},
    {"blocks", "", Cause::occupancy, "lower occupancy",
     "3 to 2 blocks an SM, limited by shared memory, shared memory 17152 to 82688 B"},
}};

}  // namespace

TEST_CASE("the title names the cause that was planted, and no other stands above it", "[pairs]") {
  for (const Pair& pair : pairs) {
    INFO(pair.head);
    const CaseReport one = explained(pair.head, pair.base);
    INFO(one.explanation);
    CHECK(one.cause == pair.cause);
    REQUIRE_FALSE(one.causes.empty());
    CHECK(one.causes[0].cause == pair.cause);
    CHECK(one.causes[0].share >= 0.5);
    CHECK(cause_title(one.cause, one.change) == pair.title);
    CHECK_THAT(one.explanation, ContainsSubstring(pair.evidence));
  }
}

TEST_CASE("every format names the planted cause, and no other before it", "[pairs]") {
  for (const Pair& pair : pairs) {
    INFO(pair.head);
    const Report report = judged(pair.head, pair.base);
    REQUIRE(report.cases[0].verdict() != Verdict::pass);
    const Json in_json = parse_json(render_json(report), "result")["cases"][0];
    CHECK(in_json["causes"][0]["title"] == pair.title);
    const std::string in_page = page_data(report)["cases"].dump();
    CHECK_THAT(in_page, ContainsSubstring('"' + std::string(pair.title) + '"'));
    CHECK_THAT(render_html(report), ContainsSubstring('"' + std::string(pair.title) + '"'));
    const std::string verdict(verdict_info(report.cases[0].verdict()).id);
    CHECK_THAT(render_junit(report),
               ContainsSubstring(">" + std::string(pair.title) + ": ") &&
                   ContainsSubstring("message=\"" + verdict + ": " + pair.title + "; "));
    const Json in_ctrf = parse_json(write_ctrf(report), "ctrf")["results"]["tests"][0];
    CHECK(in_ctrf["labels"]["cause"] == pair.title);
    CHECK_THAT(in_ctrf["message"].get<std::string>(), StartsWith(std::string(pair.title) + ": "));
    for (const std::string& text : {render_text(report, {}), render_markdown(report),
                                    github_body(report, {}, 10000), annotation_commands(report)}) {
      INFO(text);
      const std::size_t at = text.find(pair.title);
      CHECK(at != std::string::npos);
      for (const CauseInfo& other : causes)
        if (other.cause != pair.cause && !other.slower.empty()) CHECK(text.find(other.slower) > at);
    }
  }
}

TEST_CASE("an argument that moves more bytes is not called the machine", "[pairs]") {
  const RunRecord run = recorded("pairs/locality");
  JudgePolicy policy = strict_policy();
  policy.metric_tolerances = {{"hbm_read", "*", 0.005, 1e5, "test"}};
  const Report report = make_report(run, make_baseline(recorded("pairs/locality-base")), policy);
  CHECK(report.cases[0].reason == Reason::environment);  // the counter scatters: it proves nothing
  CHECK_THAT(
      report.cases[0].why,
      ContainsSubstring("an argument, the data or what the caches held, by HBM bytes read") &&
          !ContainsSubstring("the machine, or"));
}

TEST_CASE("launches alone tell the occupancy, without any counter", "[pairs]") {
  RunRecord run = recorded("pairs/occupancy"), base = recorded("pairs/attention-base");
  for (RunRecord* record : {&run, &base})
    std::erase_if(record->processes, [](const ProcessRecord& process) {
      return process.kind == ProcessKind::counters;
    });
  const Report report = make_report(run, make_baseline(base), strict_policy());
  CHECK(report.cases[0].cause == Cause::occupancy);
  CHECK_THAT(report.cases[0].explanation, ContainsSubstring("no counters on both sides"));
}

TEST_CASE("in records of today the parts of the split are the whole change", "[pairs]") {
  for (const char* head : {"instructions", "coalescing", "latency"}) {
    const CaseReport one = explained(head, "silu-base");
    REQUIRE(one.split);
    CHECK_THAT(one.split->instructions + one.split->ipc + one.split->clock,
               WithinAbs(std::log(one.split->head_s / one.split->base_s), 1e-3));
  }
}
