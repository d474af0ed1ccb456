// SPDX-License-Identifier: Apache-2.0
#include "gate/report/formats.h"

#include <algorithm>
#include <vector>

#include "gate/cli/options.h"
#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

std::string render_count(const Report& report) {
  return std::to_string(report.cases.size()) + "\n";
}

/// Returns the formats, and one more that needs `needs`.
std::vector<Format> with_count(FormatNeeds needs) {
  std::vector<Format> table(formats.begin(), formats.end());
  table.push_back({"count", "write how many cases there are", needs, render_count});
  return table;
}

/// How a command that has `has` parses the arguments.
struct Parsed {
  CommandParser parser;
  ReportOptions reports;

  Parsed(const std::vector<Format>& table, FormatNeeds has,
         const std::vector<std::string>& arguments) {
    add_reports(parser, reports, has, table);
    parser.parse(arguments);
    parser.check_values();
  }
};

}  // namespace

TEST_CASE("one more format is one row: option, help, file, step output", "[formats]") {
  const std::vector<Format> table = with_count(FormatNeeds::result);
  const Parsed parsed(table, FormatNeeds::result, {"--count", "n.txt", "--json", "-"});
  const OptionHelp* help = parsed.parser.find("--count");
  REQUIRE(help);
  CHECK(help->description == "write how many cases there are");
  CHECK(parsed.reports.written() ==
        std::vector<std::pair<std::string, std::string>>{{"count", "n.txt"}});
  CHECK(parsed.parser.output_files() == std::vector<std::string>{"n.txt"});
  CHECK(parsed.reports.to_stdout());
  const auto file = std::find_if(parsed.reports.files.begin(), parsed.reports.files.end(),
                                 [](const ReportFile& entry) { return entry.to == "n.txt"; });
  REQUIRE(file != parsed.reports.files.end());
  CHECK(file->format->render(Report{}) == "0\n");
  CHECK(error_of<UsageError>([&] {
          Parsed(table, FormatNeeds::result, {"--count", "-", "--json", "-"});
        }) == "--json -, --count - all want stdout; give one to it");
}

TEST_CASE("a format that needs the run is refused where there is only a result", "[formats]") {
  const std::vector<Format> table = with_count(FormatNeeds::run);
  CHECK(Parsed(table, FormatNeeds::run, {"--count", "n.txt"}).reports.asked_for(FormatNeeds::run));
  CHECK(error_of<UsageError>([&] {
          Parsed(table, FormatNeeds::result, {"--count", "n.txt"});
        }) ==
        "--count needs the run: `perfgate compare RUN.json --count FILE`; a result has only what "
        "--json wrote");
}

TEST_CASE("the rows of the formats are complete and different", "[formats]") {
  for (const Format& format : formats) {
    INFO(format.id);
    CHECK_FALSE(format.meaning.empty());
    CHECK(format.render);
    CHECK(std::count_if(formats.begin(), formats.end(),
                        [&](const Format& other) { return other.id == format.id; }) == 1);
  }
}
