// SPDX-License-Identifier: Apache-2.0
// Reads a result file back, and joins several into one.
#include "gate/report/result_reader.h"

#include "gate/report/render.h"
#include "gate/util/json_object.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/sample_reports.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Report again(const Report& report) {
  return read_result(render_json(report), "r.json");
}

/// Returns the complaint about every_reason()'s JSON after an edit.
std::string complaint(const std::function<void(Json&)>& edit) {
  Json json = parse_json(render_json(every_reason()), "r");
  edit(json);
  return error_of<UsageError>([&] { read_result(json.dump(), "r.json"); });
}

Report of_gpu(const std::string& id, std::size_t regressed) {
  Report report = many_cases(3, regressed);
  report.gpu_id = id;
  report.gpu_name = "NVIDIA " + id;
  report.notes = {"note"};
  return report;
}

}  // namespace

TEST_CASE("people's formats and the file itself are the same after a round trip",
          "[result_reader]") {
  Report evil = every_reason();
  evil.cases[0].part = evil.cases[1].why = evil.notes[0] = evil.conditions = evil_text;
  evil.cases[0].id = case_id(evil.cases[0].group, evil_text);
  for (Report report : {every_reason(), many_cases(50, 3), evil}) {
    report.cases[0].rounds = 6;
    for (const Origin source : {Origin::live, Origin::replay, Origin::saved}) {
      report.origin = source;
      const Report read = again(report);
      CHECK(render_json(read) == render_json(report));
      CHECK(render_text(read, {.color = Color::yes}) == render_text(report, {.color = Color::yes}));
      CHECK(render_text(read, {.detail = Detail::quiet}) ==
            render_text(report, {.detail = Detail::quiet}));
      CHECK(render_markdown(read) == render_markdown(report));
      CHECK(render_junit(read) == render_junit(report));
    }
  }
}

TEST_CASE("a roofline comes back with its derived numbers", "[result_reader]") {
  Report report = every_reason();
  Roofline& roofline = *report.cases[0].roofline;
  roofline.bound = Bound::hbm;
  roofline.pipe = Pipe::tensor;
  roofline.hbm_bytes = 1e6;
  roofline.hbm_bytes_per_s = 3e12;
  roofline.intensity = 2;
  roofline.clock_hz = 1.9e9;
  roofline.pipe_roofs[static_cast<std::size_t>(Pipe::tensor)] = 9e14;
  roofline.l2_share = 0.5;
  CHECK(render_json(again(report)) == render_json(report));
}

TEST_CASE("what a newer minor version adds is skipped with a note", "[result_reader]") {
  Json json = parse_json(render_json(every_reason()), "r.json");
  json["perfgate"] = "0.999.0";
  json["cases"][0]["colour"] = "red";
  const Report report = read_result(json.dump(), "r.json");
  CHECK_THAT(report.notes.back(),
             StartsWith("r.json was written by perfgate 0.999.0, and this is ") &&
                 EndsWith("skipped what it does not know: cases[].colour"));
  json["schema"] = 3;
  CHECK_THAT(error_of<UsageError>([&] { read_result(json.dump(), "r.json"); }),
             ContainsSubstring("r.json: schema: this perfgate reads schema 2, the file has 3"));
}

TEST_CASE("what is not known is refused by name", "[result_reader]") {
  CHECK_THAT(complaint([](Json& json) { json["verdit"] = 1; }),
             ContainsSubstring("r.json: verdit: unknown key (did you mean 'verdict'?)"));
  CHECK_THAT(complaint([](Json& json) { json["schema"] = 1; }),
             ContainsSubstring("reads schema 2, the file has 1"));
  CHECK_THAT(complaint([](Json& json) { json["kind"] = "run"; }),
             ContainsSubstring("perfgate compare RUN.json --json"));
  CHECK_THAT(
      complaint([](Json& json) { json["cases"][3]["reason"] = "fastr"; }),
      ContainsSubstring("r.json: cases[3].reason: unknown 'fastr' (did you mean 'faster'?)"));
  CHECK_THAT(complaint([](Json& json) { json["cases"][0]["change"]["uper"] = 1; }),
             ContainsSubstring("cases[0].change.uper: unknown key (did you mean 'upper'?)"));
  CHECK_THAT(complaint([](Json& json) { json["cases"][0]["metrics"]["../x"] = Json::object(); }),
             ContainsSubstring("not a metric's id"));
  CHECK_THAT(complaint([](Json& json) { json["cases"][0].erase("why"); }),
             ContainsSubstring("cases[0].why: missing"));
  CHECK_THAT(complaint([](Json& json) { json["wall_s"] = "1"; }),
             ContainsSubstring("wall_s: expected a number"));
}

TEST_CASE("a verdict that its cases contradict is refused", "[result_reader]") {
  CHECK_THAT(complaint([](Json& json) { json["exit_code"] = 0; }),
             ContainsSubstring("exit_code: 0, but 2 cases regressed"));
  CHECK_THAT(complaint([](Json& json) { json["exit_code"] = 2; }),
             ContainsSubstring("2 is not 0, 1 or 3"));
  CHECK_THAT(complaint([](Json& json) { json["verdict"] = "PASS"; }),
             ContainsSubstring("expected FAIL"));
  CHECK_THAT(complaint([](Json& json) { json["counts"]["pass"] = 9; }),
             ContainsSubstring("counts.pass: 5 cases"));
  CHECK_THAT(complaint([](Json& json) { json["cases"][6]["verdict"] = "pass"; }),
             ContainsSubstring("'pass', but the reason slower means 'regressed'"));
  CHECK_THAT(complaint([](Json& json) { json["cases"] = Json::array(); }),
             ContainsSubstring("2 cases") || ContainsSubstring("nothing was judged"));
  CHECK_THAT(complaint([](Json& json) { json["cases"][1]["part"] = json["cases"][0]["part"]; }),
             ContainsSubstring("stands twice"));
  Json json = parse_json(render_json(many_cases(1, 0)), "r");
  json["cases"][0]["reason"] = "not_measured";
  json["cases"][0]["verdict"] = "missing";
  json["counts"]["pass"] = 0;
  json["counts"]["missing"] = 1;
  CHECK_THAT(error_of<UsageError>([&] { read_result(json.dump(), "r.json"); }),
             ContainsSubstring("of 1 case nothing could be said"));
}

TEST_CASE("an artifact is bounded", "[result_reader]") {
  CHECK_THAT(error_of<UsageError>(
                 [] { read_result(std::string(longest_result_bytes + 1, ' '), "r.json"); }),
             ContainsSubstring("more than the 33554432"));
  CHECK_THAT(complaint([](Json& json) { json["cases"][0]["part"] = std::string(5000, 'x'); }),
             ContainsSubstring("5000 bytes long"));
  CHECK_THAT(complaint([](Json& json) {
               for (const char* key : {"group", "part"})
                 json["cases"][0][key] = std::string(300, 'x');
             }),
             ContainsSubstring("cases[0].part: with its group 601 bytes long"));
  CHECK_THAT(complaint([](Json& json) {
               json["cases"][0]["whole_of"] = {"a/b", "a/c", "a/b"};
             }),
             ContainsSubstring("cases[0].whole_of: 'a/b' stands twice"));
  for (const char* bad : {"", "[]", "{", "{\"schema\": 1}", "\xFF"})
    CHECK_THROWS_AS(read_result(bad, "r.json"), UsageError);
  // Deep nesting ends in an error, not in an overflow of the stack.
  CHECK_THROWS_AS(read_result(std::string(1000000, '['), "r.json"), UsageError);
}

TEST_CASE("a matrix of GPUs becomes one report", "[result_reader]") {
  const Report merged = merge_results({of_gpu("a100", 0), of_gpu("h100", 1)});
  CHECK(merged.cases.size() == 6);
  CHECK(merged.exit_code == ExitCode::regressed);
  CHECK(merged.cases[5].id == "h100/llama-2-7b/b1/s1024/fp16/stage_00002");
  CHECK(merged.notes == std::vector<std::string>{"a100: note", "h100: note"});
  CHECK(verdict_sentence(merged) == "perfgate: FAIL: 1 regressed, 5 passed (a100 + h100, 0.0 s)");
  CHECK_THAT(merged.conditions, StartsWith("a100: NVIDIA H200") && ContainsSubstring("; h100: "));
  // A baseline that is called after its GPU needs no other name in front.
  Report own = of_gpu("h200", 0);
  own.against = "h200 of 2025-01-02T03:04:05Z";
  CHECK_THAT(merge_results({of_gpu("a100", 0), own}).against,
             EndsWith("; h200 of 2025-01-02T03:04:05Z"));
  // The merged result is a result like any other.
  CHECK(render_json(again(merged)) == render_json(merged));
}

TEST_CASE("the exit code of a matrix: 1 before 3 before 0", "[result_reader]") {
  Report none = of_gpu("b200", 0);
  none.cases[0].reason = Reason::not_measured;
  none.exit_code = ExitCode::no_verdict;
  const Report good = of_gpu("a100", 0), slow = of_gpu("h100", 1);
  CHECK(merge_results({good, none, slow}).exit_code == ExitCode::regressed);
  CHECK(merge_results({slow, none}).exit_code == ExitCode::regressed);
  CHECK(merge_results({good, none}).exit_code == ExitCode::no_verdict);
  CHECK(merge_results({good}).exit_code == ExitCode::pass);
  CHECK_THROWS_AS(merge_results({}), UsageError);
}

TEST_CASE("parts of one GPU are joined under their own names, no case twice", "[result_reader]") {
  Report first = of_gpu("h100", 0), second = of_gpu("h100", 0);
  CHECK_THAT(error_of<UsageError>([&] {
               merge_results({first, second});
             }),
             ContainsSubstring("in two of the results of h100"));
  first.cases.resize(1);
  second.cases.erase(second.cases.begin());
  const Report merged = merge_results({first, second});
  CHECK(merged.cases[2].id == "llama-2-7b/b1/s1024/fp16/stage_00002");
  CHECK(merged.gpu_id == "h100");
}

TEST_CASE("one replay among the results makes the whole a replay", "[result_reader]") {
  Report replayed = of_gpu("a100", 0);
  replayed.origin = Origin::replay;
  CHECK(merge_results({of_gpu("h100", 0), replayed}).origin == Origin::replay);
}

TEST_CASE("a result with more metrics than any has is refused", "[result_reader]") {
  CHECK(complaint([](Json& json) {
          const Json metric = json["metrics"][0];
          json["metrics"] = Json::array();
          for (int i = 0; i < 1001; ++i) {
            json["metrics"].push_back(metric);
            json["metrics"].back()["id"] = "m" + std::to_string(i);
          }
        }) == "r.json: metrics: 1001, more than 1000");
}

TEST_CASE("what is read is written so that it is read again, however far its numbers lie apart",
          "[result_reader]") {
  for (const auto& [roof, bytes] : {std::pair{1e-100, 1e100}, std::pair{1e100, 1e-100}}) {
    Report report = every_reason();
    for (CaseReport& entry : report.cases)
      if (entry.roofline) {
        entry.roofline->hbm_roof = roof;
        entry.roofline->hbm_bytes_per_s = bytes;
        entry.roofline->intensity = bytes;
      }
    CHECK_NOTHROW(again(again(report)));
  }
  CHECK_THAT(complaint([](Json& json) { json["cases"][0]["tolerance"] = 5e-324; }),
             ContainsSubstring("cases[0].tolerance: expected a finite number"));
}
