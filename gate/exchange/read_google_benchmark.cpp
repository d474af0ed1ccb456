// SPDX-License-Identifier: Apache-2.0
// google-benchmark's JSON: one row for each repetition, then rows of aggregates, which are not
// used.
#include <fmt/format.h>

#include <array>
#include <set>

#include "gate/exchange/importer.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct TimeUnit {
  std::string_view id;
  double seconds;
};
constexpr std::array<TimeUnit, 4> time_units{{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}};

/// Whether the benchmark has UseManualTime. Only the number of threads comes behind that in a name:
/// "copy/8/manual_time/threads:1".
bool has_manual_time(std::string_view run_name) {
  constexpr std::string_view threads = "/threads:";
  if (const std::size_t at = run_name.rfind(threads); at != std::string_view::npos) {
    const std::string_view number = run_name.substr(at + threads.size());
    if (!number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos)
      run_name = run_name.substr(0, at);
  }
  return run_name.ends_with("/manual_time");
}

ImportedCase& case_of(ImportedProcess& process, JsonObject& row, const std::string& run_name) {
  // The slashes are the benchmark's own, between its name and its arguments.
  std::string name;
  for (std::size_t at = 0; at <= run_name.size();) {
    const std::size_t end = std::min(run_name.find('/', at), run_name.size());
    if (end > at) name += (name.empty() ? "" : "/") + name_piece(run_name.substr(at, end - at));
    at = end + 1;
  }
  ImportedCase entry;
  name_case(entry, name.empty() ? name_piece(run_name) : name);
  for (ImportedCase& known : process.cases) {
    if (known.group != entry.group || known.part != entry.part) continue;
    if (known.name != run_name)
      row.fail("run_name",
               fmt::format("'{}' and '{}' are one case, {}/{}: rename one", printable(known.name),
                           printable(run_name), entry.group, entry.part));
    return known;
  }
  entry.name = run_name;
  entry.statistic = has_manual_time(run_name) ? "manual time" : "real time";
  entry.statistic += ", interquartile mean of the repetitions";
  process.cases.push_back(std::move(entry));
  return process.cases.back();
}

void read_row(JsonObject& row, ImportedProcess& process, const std::string& run_name) {
  ImportedCase& entry = case_of(process, row, run_name);
  if (row.optional_boolean("error_occurred").value_or(false)) {
    entry.failure = one_line(row.optional_string("error_message").value_or("an error"));
    return;
  }
  if (row.optional_boolean("skipped").value_or(false)) {
    entry.skipped = one_line(row.optional_string("skip_message").value_or("no reason given"));
    return;
  }
  const double seconds = row.number("real_time") * choose(time_units, row, "time_unit").seconds;
  if (is_duration(seconds))
    entry.samples_s.push_back(seconds);
  else
    entry.failure = fmt::format("its real_time is {} s", seconds);
}

void add_note(ImportedProcess& process) {
  for (const ImportedCase& entry : process.cases)
    if (!entry.statistic.starts_with("manual") && !entry.samples_s.empty()) {
      process.notes.push_back(fmt::format(
          "{}/{} and others without UseManualTime: real_time is the host's time, the launches in "
          "it",
          entry.group, entry.part));
      return;
    }
}

}  // namespace

ImportedProcess read_google_benchmark(const ForeignFile& file, const std::vector<Metric>&) {
  const Json document = parse_json(file.text, file.name);
  JsonObject root(document, file.name);
  if (!root.has("context") || !root.has("benchmarks"))
    throw UsageError(fmt::format(
        "{}: no `context` and `benchmarks`: not what --benchmark_out_format=json writes",
        file.name));
  ImportedProcess process;
  bool aggregates = false;
  std::set<std::pair<std::string, std::int64_t>> seen;
  for (JsonObject& row : root.objects("benchmarks")) {
    const std::string run_name = row.string("run_name"), type = row.string("run_type");
    if (type == "aggregate") {
      aggregates = true;
      continue;
    }
    if (type != "iteration")
      row.fail("run_type",
               fmt::format("unknown '{}'; known: iteration, aggregate", printable(type)));
    // Older versions write one row and no index.
    const std::int64_t index =
        row.has("repetition_index") ? row.integer("repetition_index", 0, INT64_MAX) : 0;
    if (!seen.emplace(run_name, index).second)
      row.fail("run_name", fmt::format("'{}' stands twice for repetition {}: two benchmarks of one "
                                       "name; rename one",
                                       printable(run_name), index));
    read_row(row, process, run_name);
  }
  if (process.cases.empty() && aggregates)
    throw UsageError(
        fmt::format("{}: only aggregates, and no sample behind them: run it without "
                    "--benchmark_report_aggregates_only and --benchmark_display_aggregates_only",
                    file.name));
  add_note(process);
  return process;
}

}  // namespace perfgate
