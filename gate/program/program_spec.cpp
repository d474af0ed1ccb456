// SPDX-License-Identifier: Apache-2.0
#include "gate/program/program_spec.h"

#include <fmt/format.h>

#include "gate/program/case_text.h"
#include "gate/program/kernel_filter.h"
#include "gate/program/range_filter.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr const char* range_source_setting = "range_source";

std::string with_file(std::string text, const std::string& file) {
  for (std::size_t at = 0; (at = text.find(file_placeholder, at)) != std::string::npos;
       at += file.size())
    text.replace(at, file_placeholder.size(), file);
  return text;
}

}  // namespace

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
  if (spec.tool) return;
  if (spec.source == RangeSource::nvtx && spec.ranges.empty())
    throw UsageError(
        "ranges: is empty: which NVTX ranges are measured? `perfgate profile --list -- COMMAND` "
        "shows them; a program without NVTX has the range sources profiler-api, all and kernel");
  if (spec.source == RangeSource::kernel && spec.kernels.empty())
    throw UsageError("kernels: is empty: which kernels are the ranges?");
}

std::vector<std::string> benchmark_command(const std::vector<std::string>& command,
                                           const BenchmarkTool& tool, const std::string& file) {
  std::vector<std::string> out;
  for (const std::string& word : command) out.push_back(with_file(word, file));
  if (out != command) return out;
  for (const std::string_view argument : tool.arguments)
    out.push_back(with_file(std::string(argument), file));
  return out;
}

Source program_source(const ProgramSpec& spec) {
  Source source;
  source.id = fmt::format("{}{}", program_source_prefix, spec.name);
  if (spec.tool) {
    source.request = {{"command", spec.command}, {import_setting, spec.tool->id}};
    source.settings = {{import_setting, std::string(spec.tool->id)}};
    return source;
  }
  source.request = {{"command", spec.command},
                    {"range_source", range_sources[static_cast<std::size_t>(spec.source)].id},
                    {"scope", launch_scopes[static_cast<std::size_t>(spec.scope)].id},
                    {"ranges", spec.ranges},
                    {"exclude", spec.exclude},
                    {"kernels", spec.kernels},
                    {"skip", spec.skip},
                    {"occurrences", spec.occurrences},
                    {"gpus", spec.gpus}};
  source.settings = {
      {range_source_setting, std::string(range_sources[static_cast<std::size_t>(spec.source)].id)},
      {"scope", std::string(launch_scopes[static_cast<std::size_t>(spec.scope)].id)},
      {"ranges", join(spec.ranges)},
      {"exclude", join(spec.exclude)},
      {"kernels", join(spec.kernels)},
      {"skip", std::to_string(spec.skip)},
      {"occurrences", std::to_string(spec.occurrences)}};
  // Baselines of programs with one GPU don't have it.
  if (spec.gpus > 1) source.settings["gpus"] = std::to_string(spec.gpus);
  return source;
}

bool can_be_counted(const Source& source) {
  if (is_import(source.id) || source.settings.contains(import_setting)) return false;
  const auto ranges = source.settings.find(range_source_setting);
  return ranges == source.settings.end() ||
         (ranges->second != range_sources[static_cast<std::size_t>(RangeSource::all)].id &&
          ranges->second != range_sources[static_cast<std::size_t>(RangeSource::kernel)].id);
}

}  // namespace perfgate
