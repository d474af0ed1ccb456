// SPDX-License-Identifier: Apache-2.0
// Tests the page as text; tests/page tests it in a browser.
#include <algorithm>

#include "gate/report/make_report.h"
#include "gate/report/render.h"
#include "gate/report/report_columns.h"
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Report small_report() {
  const Plan plan = small_plan();
  const RunRecord run = run_of(plan, {{12, 12.01, 11.99, 12.005}, {5, 5.01, 4.99, 5.005}});
  const Baseline baseline = baseline_of(plan, {{10, 10.01, 9.99, 10.005}, {5, 5.01, 4.99, 5.005}});
  Report report = make_report(run, baseline, strict_policy());
  return report;
}

/// Returns the data that the page's script reads.
Json data_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"report\">";
  const std::size_t from = page.find(begin) + begin.size();
  return parse_json(page.substr(from, page.find("</script>", from) - from), "page");
}

/// Returns the object that the page's script makes of a list: the page holds the keys once.
Json unpacked(const Json& data, const std::string& kind, const Json& list) {
  Json object = Json::object();
  for (std::size_t i = 0; i < list.size(); ++i)
    if (!list[i].is_null()) object[data["keys"][kind][i].get<std::string>()] = list[i];
  return object;
}

Json case_of_page(const Report& report, std::size_t i) {
  const Json data = data_of(render_html(report));
  Json one = unpacked(data, "case", data["cases"][i]);
  one["id"] = case_id(one["group"].get<std::string>(), one["part"].get<std::string>());
  return one;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("the page has the verdict in its markup and nothing left to fill in", "[render_html]") {
  const Report report = small_report();
  const std::string page = render_html(report);
  CHECK_THAT(page, StartsWith("<!DOCTYPE html>") && EndsWith("</html>\n"));
  CHECK_THAT(page, ContainsSubstring(verdict_sentence(report)));
  CHECK(page.find("{{") == std::string::npos);
  CHECK(count(page, "<script") == 3);  // the data, Chart.js, the page's own
}

TEST_CASE("nothing but the page's own scripts may run, and nothing is loaded", "[render_html]") {
  const std::string page = render_html(small_report());
  CHECK_THAT(page, ContainsSubstring("default-src 'none'; script-src 'sha256-"));
  CHECK(page.find("unsafe-") == std::string::npos);
  for (const char* loads : {" src=", "<link", "@import", "url(http", " onclick=", " onload="}) {
    INFO(loads);
    // Chart.js's own text may contain anything; there the policy protects.
    const std::string ours = page.substr(0, page.find("<script>"));
    CHECK(ours.find(loads) == std::string::npos);
  }
}

TEST_CASE("the cells are those of text and Markdown", "[render_html]") {
  const Report report = small_report();
  const Json data = data_of(render_html(report));
  REQUIRE(data["cases"].size() == report.cases.size());
  REQUIRE(data["columns"].size() == 3 + metric_columns.size());
  for (std::size_t i = 0; i < report.cases.size(); ++i) {
    const Json one = case_of_page(report, i);
    CHECK(one["cells"][0] == time_cell(report.cases[i].head_s));
    CHECK(one["cells"][1] == time_cell(report.cases[i].base_s));
    CHECK(one["cells"][2] == change_cell(report.cases[i]));
    for (std::size_t column = 0; column < metric_columns.size(); ++column)
      CHECK(one["cells"][3 + column] ==
            metric_cell(report, report.cases[i], metric_columns[column]));
    CHECK(one["why"] == report.cases[i].why);
  }
}

TEST_CASE("one explanation in every format, of what did not pass", "[render_html]") {
  const Report report = small_report();
  const std::string sentence = report.cases[0].explanation;
  REQUIRE(report.cases[0].verdict() != Verdict::pass);
  REQUIRE_FALSE(sentence.empty());
  CHECK_THAT(render_text(report, {.columns = 1000}),
             ContainsSubstring("\n             " + sentence));
  CHECK(parse_json(render_json(report), "result")["cases"][0]["explanation"] == sentence);
  CHECK(case_of_page(report, 0)["explanation"] == sentence);
  CHECK_THAT(render_markdown(report), ContainsSubstring(": regressed: "));
  // Text gives no explanation for the case that passed.
  CHECK(count(render_text(report, {.columns = 1000}), "\n             " + sentence) == 1);
}

TEST_CASE("the page has one repetition of each timeline, and the summary of its step",
          "[render_html]") {
  Report report = small_report();
  for (const LaunchingInfo& info : launchings)
    report.timelines.push_back(timeline_of(workload(llama_2_7b()), info.launching));
  const Json data = data_of(render_html(report));
  const Json& both = data["timelines"]["llama-2-7b/b1/s1024/fp16"];
  REQUIRE(both.size() == 2);
  CHECK(both[1]["launching"] == "launched one by one");
  CHECK(both[0]["shown"] == "repetition 1 of a step of median length");
  CHECK(both[0]["of"] == "a step of 2 repetitions");
  REQUIRE(both[0]["kernels"].size() == 11);
  // part, launch, from, to: microseconds after the repetition's start
  const Json& attention = both[1]["kernels"][5];
  CHECK(attention[0] == "attention");
  CHECK(data["launches"][attention[1].get<std::size_t>()]["name"] == "attention_kernel_1");
  CHECK(attention[2] == 20);  // 1 + 2 + 3 + 4 + 5 and a gap of 1 after each
  CHECK(attention[3] == 25);
  CHECK(both[0]["summary"].size() == 11);
  CHECK(both[0]["span"] == 120);
  CHECK(both[1]["busy"] == 120);
  CHECK(data_of(render_html(small_report()))["timelines"].empty());
}

TEST_CASE("text from outside is inert in the page", "[render_html]") {
  Report report = small_report();
  report.notes = {evil_text, "</script><script>alert(1)</script>"};
  report.gpu_name = report.conditions = evil_text;
  for (CaseReport& one : report.cases) {
    one.why = one.explanation = "</script><!--" + std::string(evil_text);
    one.launches = {{evil_text, {1, 1, 1}, {1, 1, 1}, 1, 0, ""}};
  }
  const std::string page = render_html(report);
  CHECK(count(page, "<script") == 3);
  CHECK(count(page, "</script>") == 3);
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find("<!--") == std::string::npos);
  CHECK(page.find('\x1b') == std::string::npos);
  CHECK_THAT(data_of(page)["notes"][0].get<std::string>(), ContainsSubstring("<img src=x>"));
}

TEST_CASE("places of the template in a text from outside stay text", "[render_html]") {
  Report report = small_report();
  report.gpu_name = "{{data}} {{script}}";
  const std::string page = render_html(report);
  CHECK_THAT(page, ContainsSubstring("{{data}} {{script}}"));
  CHECK(count(page, "<script") == 3);
}

TEST_CASE("raw samples become bins, and without them there are none", "[render_html]") {
  Report report = small_report();
  const auto samples_of = [&] {
    const Json data = data_of(render_html(report));
    const Json distribution =
        unpacked(data, "distribution", case_of_page(report, 0)["distribution"]);
    return distribution.contains("samples") ? unpacked(data, "samples", distribution["samples"])
                                            : Json();
  };
  CHECK(samples_of().is_null());
  report.cases[0].distribution.head_samples_s = {1e-6, 2.01e-6, 2.01e-6, 3e-6};
  const Json samples = samples_of();
  CHECK(samples["low"] == 1);  // microseconds
  const auto counts = samples["counts"].get<std::vector<int>>();
  CHECK(counts.front() == 1);
  CHECK(counts.at(counts.size() / 2) == 2);
  CHECK(counts.back() == 1);
  CHECK_FALSE(samples.contains("base_counts"));
  // The base's samples lie in the same bins.
  report.cases[0].distribution.base_samples_s = {0.5e-6, 1e-6};
  const Json both = samples_of();
  CHECK(both["low"] == 0.5);
  CHECK(both["base_counts"].size() == counts.size());
  CHECK(both["base_counts"][0] == 1);
  CHECK(both["counts"][0] == 0);
}

TEST_CASE("ten thousand cases are less than 20 MB", "[render_html]") {
  Report report = small_report();
  const CaseReport one = report.cases[0];
  report.cases.clear();
  for (int i = 0; i < 10000; ++i) {
    report.cases.push_back(one);
    report.cases.back().id = "model-" + std::to_string(i / 11) + "/b1/s1024/fp16/o_proj";
    for (int metric = 0; metric < 14; ++metric)
      report.cases.back().metrics["metric_" + std::to_string(metric)] = {1.2345678e9 / (i + 1),
                                                                         9.8765432e-5 * (i + 1)};
  }
  for (int metric = 0; metric < 14; ++metric)
    report.metrics.push_back(simple_metric("metric_" + std::to_string(metric), Unit::count));
  CHECK(render_html(report).size() < 20000000);
}
