// SPDX-License-Identifier: Apache-2.0
#include "gate/config/program_config.h"

#include <string>

#include "gate/config/bounded.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"

namespace perfgate {

namespace {

/// Refuses the keys that say which ranges of a program are measured, and how often.
void refuse_ranges(TomlTable& table) {
  for (const char* key :
       {"range_source", "scope", "ranges", "exclude", "kernels", "skip", "occurrences", "until"})
    if (table.has(key))
      table.fail(key,
                 "means nothing beside `import`: the tool decides what it measures; remove it");
}

}  // namespace

ProgramSpec read_program(TomlTable table) {
  ProgramSpec spec;
  spec.name = table.string("name");
  spec.command = table.strings("command");
  if (table.has("import")) {
    spec.tool = &choose(benchmark_tools, table, "import");
    refuse_ranges(table);
  }
  if (table.has("range_source")) spec.source = choose(range_sources, table, "range_source").source;
  if (table.has("scope")) spec.scope = choose(launch_scopes, table, "scope").scope;
  if (table.has("ranges")) spec.ranges = table.strings("ranges");
  if (table.has("exclude")) spec.exclude = table.strings("exclude");
  if (table.has("kernels")) spec.kernels = table.strings("kernels");
  if (table.has("skip")) spec.skip = small_integer(table, "skip", 0, 1000000);
  if (table.has("occurrences")) spec.occurrences = small_integer(table, "occurrences", 4, 1000000);
  if (table.has("gpus")) spec.gpus = small_integer(table, "gpus", 1, most_gpus);
  if (table.has("until")) spec.until = choose(untils, table, "until").until;
  try {
    check_program(spec);
  } catch (const UsageError& error) {
    // Its text begins with the key.
    const std::string text = error.what();
    const std::size_t colon = text.find(": ");
    table.fail(colon == std::string::npos ? "name" : text.substr(0, colon),
               colon == std::string::npos ? text : text.substr(colon + 2));
  }
  table.finish();
  return spec;
}

}  // namespace perfgate
