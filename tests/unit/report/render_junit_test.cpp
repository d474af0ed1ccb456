// SPDX-License-Identifier: Apache-2.0
// Reads the JUnit XML with an independent parser and compares it with the shape that both
// junit-10.xsd (the schema of Jenkins' xUnit plugin) and the schema of Ant's JUnit task allow:
// elements, their order, required attributes, counts.
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "gate/report/render.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/sample_reports.h"
#include "tests/support/support.h"

using namespace perfgate;
using boost::property_tree::ptree;

namespace {

ptree parsed(const Report& report) {
  std::istringstream text(render_junit(report));
  ptree tree;
  boost::property_tree::read_xml(text, tree);
  return tree;
}

std::size_t number(const ptree& element, const std::string& attribute) {
  return element.get<std::size_t>("<xmlattr>." + attribute);
}

/// Checks that an element has exactly these attributes, and only these children, in this order.
void check_shape(const ptree& element, const std::set<std::string>& attributes,
                 const std::vector<std::string>& children) {
  std::size_t at = 0;
  std::set<std::string> found;
  if (const auto given = element.get_child_optional("<xmlattr>"))
    for (const auto& [attribute, value] : *given) found.insert(attribute);
  CHECK(found == attributes);
  for (const auto& [name, child] : element) {
    INFO(name);
    if (name == "<xmlattr>") continue;
    while (at < children.size() && children[at] != name) ++at;
    CHECK(at < children.size());
  }
}

void check_document(const Report& report) {
  const ptree tree = parsed(report);
  REQUIRE(tree.size() == 1);
  const ptree& suites = tree.get_child("testsuites");
  check_shape(suites, {}, {"testsuite"});
  const ptree& suite = suites.get_child("testsuite");
  check_shape(suite,
              {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname",
               "id", "package"},
              {"properties", "testcase", "system-out", "system-err"});
  for (const char* once : {"properties", "system-out", "system-err"}) CHECK(suite.count(once) == 1);
  const std::regex date("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}");
  CHECK(std::regex_match(suite.get<std::string>("<xmlattr>.timestamp"), date));
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  for (const auto& [name, one] : suite) {
    if (name != "testcase") continue;
    check_shape(one, {"name", "time", "classname"}, {"skipped", "error", "failure"});
    CHECK(one.count("skipped") + one.count("error") + one.count("failure") <= 1);
    for (const char* element : {"error", "failure"})
      if (const auto said = one.get_child_optional(element))
        check_shape(*said, {"type", "message"}, {});
    CHECK_FALSE(one.get<std::string>("<xmlattr>.name").empty());
    CHECK(one.get<double>("<xmlattr>.time") >= 0);
    ++tests;
    failures += one.count("failure");
    errors += one.count("error");
    skipped += one.count("skipped");
  }
  CHECK(tests == report.cases.size());
  CHECK(number(suite, "tests") == tests);
  CHECK(number(suite, "failures") == failures);
  CHECK(number(suite, "errors") == errors);
  // This is the SUREFIRE_TIME of Jenkins' schema, and a decimal of Ant's.
  const std::regex time("(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\\.[0-9]{0,3})?");
  CHECK(std::regex_match(suite.get<std::string>("<xmlattr>.time"), time));
  CHECK(number(suite, "skipped") == skipped);
  CHECK(failures == report.count(Verdict::regressed));
}

}  // namespace

TEST_CASE("the document has the common shape and its counts are right", "[render_junit]") {
  Report long_run = every_reason();
  long_run.wall_s = 12345.678912;
  check_document(long_run);
  check_document(many_cases(20, 3));
  check_document(many_cases(1, 0));
}

TEST_CASE("a regression is a failure with its reason", "[render_junit]") {
  const std::string text = render_junit(every_reason());
  CHECK_THAT(
      text,
      ContainsSubstring(
          "<testcase classname=\"llama-2-7b/b1/s1024/fp16\" name=\"slower\" "
          "time=\"0.000010500\">\n      <failure type=\"slower: work\" message=\"regressed: "
          "more work; because of 3 | 4\">more work: instructions +5.0 %: explains the +5.0 %; "
          "code changed. because of 3 | 4</failure>"));
  CHECK_THAT(text,
             ContainsSubstring("<error type=\"wrong_result\" message=\"invalid: wrong result: "));
}

TEST_CASE("what is inconclusive fails another CI only where it fails the gate", "[render_junit]") {
  Report report = many_cases(2, 0);
  report.cases[1].reason = Reason::too_noisy;
  CHECK_THAT(render_junit(report),
             ContainsSubstring("<skipped message=\"inconclusive: too noisy: "));
  check_document(report);
  report.exit_code = ExitCode::no_verdict;
  CHECK_THAT(render_junit(report), ContainsSubstring("<error type=\"too_noisy"));
  check_document(report);
}

TEST_CASE("text from outside is text in XML", "[render_junit]") {
  Report report = many_cases(3, 1);
  const std::string evil =
      std::string(evil_text) + "\"'&<>]]> \x01\x0B\x1F \xEF\xBF\xBE \xEF\xBF\xBF \xFF \xE2\x80\xAE";
  report.cases[2].id = report.cases[2].why = report.cases[2].explanation = evil;
  report.gpu_id = report.gpu_name = report.conditions = report.against = evil;
  report.notes = {evil};
  check_document(report);
  const std::string text = render_junit(report);
  CHECK_THAT(text, !ContainsSubstring("<img") && !ContainsSubstring("\x01") &&
                       !ContainsSubstring("\x1b") && !ContainsSubstring("\xEF\xBF\xBE") &&
                       !ContainsSubstring("]]>"));
}
