// SPDX-License-Identifier: Apache-2.0
// Writes JUnit XML that is valid by the two schemas that CI systems go by, that of Jenkins' xUnit
// plugin (junit-10.xsd) and that of Ant's JUnit task: one suite, one test case per case. A
// regression is a failure, a case that could not be judged is an error, an inconclusive case is
// skipped unless it is why there is no verdict.
#include <fmt/format.h>

#include <sstream>
#include <string>

#include "gate/diagnose/diagnosis.h"
#include "gate/report/profile_tables.h"
#include "gate/report/render.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Escapes text for an element or an attribute. XML 1.0 does not allow control characters, nor
/// U+FFFE and U+FFFF, not even as references.
std::string xml_text(std::string_view text) {
  std::string out = markup_text(text);
  for (const std::string_view none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"})
    for (std::size_t at; (at = out.find(none)) != std::string::npos;) out.replace(at, 3, "?");
  return out;
}

enum class Kind { passed, failure, error, skipped };

Kind kind_of(const Report& report, Verdict verdict) {
  switch (verdict_info(verdict).junit) {
    case JunitKind::passed:
      return Kind::passed;
    case JunitKind::failure:
      return Kind::failure;
    case JunitKind::error:
      return Kind::error;
    case JunitKind::undecided:
      // With on_inconclusive = "warn" it does not fail the gate, so it must not fail another CI.
      return report.exit_code == ExitCode::pass ? Kind::skipped : Kind::error;
  }
  return Kind::error;
}

std::size_t count(const Report& report, Kind kind) {
  std::size_t count = 0;
  for (const CaseReport& entry : report.cases) count += kind_of(report, entry.verdict()) == kind;
  return count;
}

// The times have no exponents. Older schemas of Jenkins take three digits of a suite's seconds, and
// any number of a case's: a kernel takes microseconds.
std::string suite_time(double seconds) {
  return fmt::format("{:.3f}", seconds);
}
std::string case_time(double seconds) {
  return fmt::format("{:.9f}", seconds);
}

/// Returns "slower: coalescing".
std::string type_of(const CaseReport& entry) {
  const std::string_view reason = reason_info(entry.reason).id;
  if (!entry.change || entry.cause == Cause::none || entry.cause == Cause::unknown)
    return std::string(reason);
  return fmt::format("{}: {}", reason, cause_info(entry.cause).id);
}

/// Returns "regressed: worse coalescing; slower by +12.0 % (...)": what lists of tests show.
std::string message_of(const CaseReport& entry) {
  return fmt::format(
      "{}: {}", verdict_info(entry.verdict()).id,
      names_cause(entry) ? fmt::format("{}; {}", headline(entry), entry.why) : full_reason(entry));
}

std::string test_case(const Report& report, const CaseReport& entry) {
  // The part is the test's name, its group the class.
  const std::string open =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"", xml_text(entry.group),
                  xml_text(entry.part), case_time(entry.head_s.value_or(0)));
  const Kind kind = kind_of(report, entry.verdict());
  if (kind == Kind::passed) return open + "/>\n";
  const std::string message = xml_text(message_of(entry));
  if (kind == Kind::skipped)
    return fmt::format("{}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", open, message);
  const std::string_view element = kind == Kind::failure ? "failure" : "error";
  return fmt::format("{}>\n      <{} type=\"{}\" message=\"{}\">{}</{}>\n    </testcase>\n", open,
                     element, type_of(entry), message, xml_text(full_reason(entry)), element);
}

/// Returns the suite's attributes besides the counts. Ant's schema wants a time without a zone, and
/// `localhost` for a host that is not known: a record does not keep it.
std::string suite_attributes(const Report& report) {
  std::string out =
      fmt::format("name=\"perfgate ({})\" package=\"perfgate\" id=\"0\" hostname=\"localhost\"",
                  xml_text(report.gpu_id));
  if (!report.created.empty())
    out += fmt::format(" timestamp=\"{}\"",
                       xml_text(report.created.substr(0, report.created.find('Z'))));
  return out;
}

/// Returns what else is to be said, a line for each thing.
std::string said_of(const Report& report) {
  std::string said;
  if (report.origin == Origin::profile) {
    std::istringstream lines(profile_text(report, default_columns));
    for (std::string line; std::getline(lines, line);) said += xml_text(line) + "\n";
    return said;
  }
  said = xml_text(verdict_sentence(report)) + "\n";
  for (const std::string& note : report.notes) said += xml_text(note) + "\n";
  return said;
}

}  // namespace

std::string render_junit(const Report& report) {
  // Ant's schema allows no attribute of <testsuites>, which is where the counts would stand twice.
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite {} tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n    <properties>\n",
      suite_attributes(report), report.cases.size(), count(report, Kind::failure),
      count(report, Kind::error), count(report, Kind::skipped), suite_time(report.wall_s));
  for (const auto& [name, value] :
       {std::pair<const char*, std::string>{"verdict", verdict_sentence(report)},
        {"gpu", report.gpu_name},
        {"conditions", report.conditions},
        {"baseline", report.against}})
    out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
  out += "    </properties>\n";
  for (const CaseReport& entry : report.cases) out += test_case(report, entry);
  return out + fmt::format(
                   "    <system-out>{}</system-out>\n    <system-err/>\n  </testsuite>\n"
                   "</testsuites>\n",
                   said_of(report));
}

}  // namespace perfgate
