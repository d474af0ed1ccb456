// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/list_command.h"

#include <fmt/format.h>

#include <memory>

#include "gate/cli/options.h"
#include "gate/cli/outputs.h"
#include "gate/cli/session.h"
#include "gate/config/make_plan.h"
#include "gate/os/terminal.h"
#include "gate/util/text.h"
#include "gate/util/text_table.h"

namespace perfgate {

namespace {

struct ListOptions {
  ProjectOptions project;
  SelectOptions select;
  PolicyOptions policy;
  std::optional<std::string> request;
  std::string command_line;
};

ExitCode list(const ListOptions& options) {
  const Config config = configured(find_project(options.project.config), options.policy);
  if (!config.measures_suite && !options.request) {
    TextTable table{"", {{"cases", Align::left}, {"command", Align::left}}, {}};
    for (const ProgramSpec& program : config.programs)
      table.rows.push_back({program.name + "/...", join(program.command, " ")});
    print_text(table_text(table, stdout_columns()));
    print_stdout(fmt::format("{}, whose cases its runs show\n",
                             count_of(config.programs.size(), "program")));
    return ExitCode::pass;
  }
  const Plan plan = make_plan(config, options.select.only);
  if (options.request) {
    // perfgate-runner takes the plan as a record without measurements.
    const RunRecord request = empty_record(options.command_line, plan);
    put(options.request, [&] { return write_record(request, RawSamples::leave_out); });
    return ExitCode::pass;
  }
  TextTable table{"", {{"case", Align::left}, {"MB"}, {"what", Align::left}}, {}};
  table.of_cases = true;
  for (const Case& entry : plan.cases)
    table.rows.push_back(
        {entry.id,
         entry.work.dram_bytes ? fmt::format("{:.3f}", *entry.work.dram_bytes * 1e-6) : "unknown",
         entry.title});
  print_text(table_text(table, stdout_columns()) +
             fmt::format("{}\n", count_of(plan.cases.size(), "case")));
  return ExitCode::pass;
}

}  // namespace

Action prepare_list(CommandParser& parser) {
  auto options = std::make_shared<ListOptions>();
  options->command_line = parser.command_line();
  add_project(parser, options->project);
  add_select(parser, options->select);
  add_backend(parser, options->policy);
  parser.output("--json FILE", options->request, "write the plan as a request for perfgate-runner");
  return [options] { return list(*options); };
}

}  // namespace perfgate
