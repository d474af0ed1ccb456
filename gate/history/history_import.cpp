// SPDX-License-Identifier: Apache-2.0
#include "gate/history/history_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "gate/util/error.h"
#include "gate/util/json_object.h"
#include "gate/util/plausible.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::string_view assignment = "window.BENCHMARK_DATA";

struct TimeUnit {
  std::string_view id;
  double seconds;
};
constexpr std::array<TimeUnit, 8> time_units{{{"ns", 1e-9},
                                              {"ns/iter", 1e-9},
                                              {"us", 1e-6},
                                              {"us/iter", 1e-6},
                                              {"ms", 1e-3},
                                              {"ms/iter", 1e-3},
                                              {"s", 1},
                                              {"s/iter", 1}}};

/// Returns the file's JSON, which a script assigns.
std::string_view json_of(std::string_view text, const std::string& source) {
  const std::size_t begin = text.find(assignment), open = text.find('{', begin);
  const std::size_t close = text.rfind('}');
  if (begin == std::string_view::npos || open == std::string_view::npos || close < open)
    throw UsageError(fmt::format(
        "{}: no `{} = {{...}}`: not the data.js of github-action-benchmark", source, assignment));
  return text.substr(open, close - open + 1);
}

void read_bench(JsonObject& bench, HistoryRun& run, std::set<std::string>& left_out) {
  const std::string name = bench.string("name"), unit = bench.string("unit");
  const TimeUnit* known = find_by_id(time_units, unit);
  const double value = bench.number("value");
  if (!known || !(value > 0) || !is_plausible(value * known->seconds) ||
      value * known->seconds == 0) {
    left_out.insert(fmt::format("{}: left out: {} '{}' is no duration", printable(name), value,
                                printable(unit)));
    return;
  }
  if (run.find(name)) return;  // the action keeps the first of two, too
  HistoryCase entry;
  entry.id = one_line(name);
  entry.duration_s = value * known->seconds;
  entry.processes = 1;
  run.cases.push_back(std::move(entry));
}

}  // namespace

ImportedHistory read_data_js(std::string_view text, const std::string& source,
                             const std::string& suite, const std::string& gpu_id,
                             std::string (*utc)(std::int64_t seconds)) {
  const Json document = parse_json(json_of(text, source), source);
  JsonObject root(document, source);
  JsonObject entries = root.object("entries");
  const std::vector<std::string> suites = entries.keys();
  if (suites.empty()) throw UsageError(fmt::format("{}: no suite in it", source));
  if (suite.empty() && suites.size() > 1)
    throw UsageError(fmt::format("{}: several suites; choose one with --entry: {}", source,
                                 printable(join(suites))));
  const std::string chosen = suite.empty() ? suites.front() : suite;
  if (!entries.has(chosen))
    throw UsageError(
        fmt::format("{}: no suite '{}'{}", source, chosen, did_you_mean(chosen, suites)));
  ImportedHistory imported;
  std::set<std::string> left_out;
  for (JsonObject& entry : entries.objects(chosen)) {
    HistoryRun run;
    JsonObject commit = entry.object("commit");
    run.commit = commit.string("id");
    const double date_ms = entry.number("date");
    constexpr double latest_ms = 4102444800000;  // the year 2100
    if (!(date_ms >= 0 && date_ms < latest_ms))
      throw UsageError(
          fmt::format("{}: {}: a date of {} ms since 1970", source, printable(chosen), date_ms));
    run.created = utc(std::llround(date_ms / 1000));
    run.gpu_id = gpu_id;
    for (JsonObject& bench : entry.objects("benches")) read_bench(bench, run, left_out);
    if (!run.cases.empty()) imported.history.push_back(std::move(run));
  }
  imported.notes.assign(left_out.begin(), left_out.end());
  return imported;
}

}  // namespace perfgate
