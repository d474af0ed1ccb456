// SPDX-License-Identifier: Apache-2.0
#include "gate/program/program_spec.h"

#include <fmt/format.h>

#include "gate/program/case_text.h"
#include "gate/program/kernel_filter.h"
#include "gate/program/range_filter.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

void check_program(const ProgramSpec& spec) {
  if (spec.name.empty() || case_text(spec.name, 64) != spec.name)
    throw UsageError(fmt::format(
        "name: '{}' can't begin the ids of cases: 1 to 64 characters, none of /*?~#<>|\\",
        printable(spec.name)));
  if (spec.command.empty() || spec.command.front().empty())
    throw UsageError("command: is empty: give the program and its arguments");
  for (const std::string& text : spec.ranges) parse_range_filter(text);
  for (const std::string& text : spec.exclude) parse_range_filter(text);
  for (const std::string& text : spec.kernels) parse_kernel_filter(text);
  if (spec.source == RangeSource::nvtx && spec.ranges.empty())
    throw UsageError(
        "ranges: is empty: which NVTX ranges are measured? `perfgate profile --list -- COMMAND` "
        "shows them; a program without NVTX has the range sources profiler-api, all and kernel");
  if (spec.source == RangeSource::kernel && spec.kernels.empty())
    throw UsageError("kernels: is empty: which kernels are the ranges?");
}

Source program_source(const ProgramSpec& spec) {
  Source source;
  source.id = fmt::format("{}{}", program_source_prefix, spec.name);
  source.request = {{"command", spec.command},
                    {"range_source", range_sources[static_cast<std::size_t>(spec.source)].id},
                    {"scope", launch_scopes[static_cast<std::size_t>(spec.scope)].id},
                    {"ranges", spec.ranges},
                    {"exclude", spec.exclude},
                    {"kernels", spec.kernels},
                    {"skip", spec.skip},
                    {"occurrences", spec.occurrences}};
  source.settings = {
      {"range_source", std::string(range_sources[static_cast<std::size_t>(spec.source)].id)},
      {"scope", std::string(launch_scopes[static_cast<std::size_t>(spec.scope)].id)},
      {"ranges", join(spec.ranges)},
      {"exclude", join(spec.exclude)},
      {"kernels", join(spec.kernels)},
      {"skip", std::to_string(spec.skip)},
      {"occurrences", std::to_string(spec.occurrences)}};
  return source;
}

}  // namespace perfgate
