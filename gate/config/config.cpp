// SPDX-License-Identifier: Apache-2.0
#include "gate/config/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/config/bounded.h"
#include "gate/config/program_config.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"
#include "gate/util/toml_table.h"

namespace perfgate {

namespace {

std::vector<int> integers_in(TomlTable& table, std::string_view key, int low, int high) {
  std::vector<int> values = table.integers(key);
  if (values.empty()) table.fail(key, "is empty: nothing would be measured");
  for (const int value : values)
    if (value < low || value > high)
      table.fail(key, fmt::format("{} is outside {} to {}", value, low, high));
  return values;
}

template <class T>
void refuse_duplicates(TomlTable& table, std::string_view key, std::vector<T> values) {
  std::sort(values.begin(), values.end());
  if (std::adjacent_find(values.begin(), values.end()) != values.end())
    table.fail(key, "has an entry twice: its cases would have the same names");
}

Suite read_suite(TomlTable table) {
  Suite suite;
  suite.models = table.strings("models");
  if (suite.models.empty()) table.fail("models", "is empty: nothing would be measured");
  suite.batches = integers_in(table, "batches", 1, 64);
  suite.contexts = integers_in(table, "contexts", 1, 1 << 20);
  for (const std::string& id : table.strings("dtypes")) {
    const auto* info = find_by_id(dtypes, id);
    if (!info) table.fail("dtypes", unknown_id(id, ids_of(dtypes)));
    suite.dtypes.push_back(info->dtype);
  }
  if (suite.dtypes.empty()) table.fail("dtypes", "is empty: nothing would be measured");
  refuse_duplicates(table, "models", suite.models);
  refuse_duplicates(table, "batches", suite.batches);
  refuse_duplicates(table, "contexts", suite.contexts);
  refuse_duplicates(table, "dtypes", suite.dtypes);
  table.finish();
  return suite;
}

MeasurePolicy read_measure(TomlTable table) {
  MeasurePolicy measure;
  measure.processes = small_integer(table, "processes", 2, 1000);
  measure.baseline_processes = small_integer(table, "baseline_processes", 12, 1000);
  if (table.has("baseline_sessions"))
    measure.baseline_sessions = small_integer(table, "baseline_sessions", 1, 100);
  measure.samples = small_integer(table, "samples", 20, 100000);
  measure.timeout_s = number_in(table, "timeout_s", 1, 86400);
  measure.metric_set = table.string("metric_set");
  measure.clocks = choose(clock_policies, table, "clocks").policy;
  if (table.has("clock_tolerance_percent"))
    measure.clock_tolerance = number_in(table, "clock_tolerance_percent", 0.01, 50) / 100;
  if (table.has("backend")) measure.backend = choose(gemm_backends, table, "backend").backend;
  measure.seed = static_cast<std::uint64_t>(integer_in(table, "seed", 0, INT64_MAX));
  table.finish();
  return measure;
}

MeantSlowdown read_accept(TomlTable entry) {
  MeantSlowdown meant{entry.string("cases"), number_in(entry, "percent", 0.01, 1000) / 100,
                      entry.string("why"), entry.string("who")};
  if (meant.why.empty()) entry.fail("why", "is empty: say why the slowdown is right");
  if (meant.who.empty()) entry.fail("who", "is empty: say who accepts it");
  entry.finish();
  return meant;
}

JudgePolicy read_judge(TomlTable table) {
  JudgePolicy judge;
  judge.screen_alpha = number_in(table, "screen_alpha", 1e-9, 0.4);
  judge.thorough_screen_alpha = number_in(table, "thorough_screen_alpha", 1e-9, 0.4);
  judge.alpha = number_in(table, "alpha", 1e-9, 0.2);
  judge.floor_s = number_in(table, "floor_us", 0, 1000) * 1e-6;
  judge.other_board = number_in(table, "other_board_percent", 0, 100) / 100;
  if (table.has("session_percent"))
    judge.spread.session = number_in(table, "session_percent", 0, 100) / 100;
  judge.accept = table.optional_boolean("accept").value_or(false);
  const std::string on = table.string("on_inconclusive");
  if (on != "fail" && on != "warn")
    table.fail("on_inconclusive", fmt::format("unknown '{}'; known: fail, warn", on));
  judge.on_inconclusive = on == "fail" ? OnInconclusive::fail : OnInconclusive::warn;
  for (TomlTable& entry : table.tables("tolerance")) {
    judge.tolerances.push_back(
        {entry.string("cases"), number_in(entry, "percent", 0.01, 100) / 100, entry.string("why")});
    if (judge.tolerances.back().why.empty())
      entry.fail("why", "is empty: say why this tolerance is right");
    entry.finish();
  }
  if (judge.tolerances.empty() || judge.tolerances.front().cases != "*")
    table.fail("tolerance",
               "the first entry must be for cases = \"*\", so that every case has one");
  for (TomlTable& entry : table.tables("metric")) {
    judge.metric_tolerances.push_back({entry.string("metric"), entry.string("cases"),
                                       number_in(entry, "percent", 0, 100) / 100,
                                       number_in(entry, "floor", 0, 1e18), entry.string("why")});
    if (judge.metric_tolerances.back().why.empty())
      entry.fail("why", "is empty: say why this tolerance is right");
    entry.finish();
  }
  table.finish();
  return judge;
}

KernelSource read_source(TomlTable entry) {
  KernelSource source{entry.string("cases"), entry.string("files")};
  const std::string& files = source.files;
  if (files.empty() || files.starts_with('/') || files.find("..") != std::string::npos)
    entry.fail("files",
               fmt::format("'{}' is no file below the folder of perfgate.toml: src/*.cu", files));
  entry.finish();
  return source;
}

Policy read_policy(TomlTable root) {
  root.require_schema(1);
  Policy policy{read_suite(root.table("suite")),
                read_measure(root.table("measure")),
                read_judge(root.table("judge")),
                {},
                {},
                true};
  for (TomlTable& entry : root.tables("accept"))
    policy.judge.accepts.push_back(read_accept(std::move(entry)));
  for (TomlTable& entry : root.tables("where"))
    policy.sources.push_back(read_source(std::move(entry)));
  for (TomlTable& table : root.tables("program")) {
    policy.programs.push_back(read_program(std::move(table)));
    for (std::size_t i = 0; i + 1 < policy.programs.size(); ++i)
      if (policy.programs[i].name == policy.programs.back().name)
        root.fail("program", fmt::format("two programs are called '{}'", policy.programs[i].name));
  }
  TomlTable replay = root.table("replay");
  policy.replay = replay.string("recording");
  replay.finish();
  root.finish();
  return policy;
}

}  // namespace

Policy parse_policy(std::string_view text, const std::string& source) {
  return read_policy(TomlTable::parse(text, source));
}

Policy parse_policy(const TomlText& own, const TomlText& defaults) {
  Policy policy = read_policy(TomlTable::parse_layers(own, defaults));
  TomlTable table = TomlTable::parse(own.text, own.source);
  policy.measures_suite = policy.programs.empty() || table.has("suite");
  // The defaults' kernels are not in the project's folder.
  if (!table.has("where")) policy.sources.clear();
  return policy;
}

std::optional<std::string> default_source(const std::vector<ProgramSpec>& programs,
                                          bool measures_suite) {
  if (measures_suite) return std::string(decode_source_id);
  if (programs.size() != 1) return std::nullopt;
  return program_source(programs.front()).id;
}

ModelShape parse_model(std::string_view text, const std::string& source) {
  TomlTable table = TomlTable::parse(text, source);
  table.require_schema(1);
  ModelShape model;
  model.name = table.string("name");
  model.hidden = small_integer(table, "hidden", 64, 1 << 20);
  model.layers = small_integer(table, "layers", 1, 10000);
  model.query_heads = small_integer(table, "query_heads", 1, 1024);
  model.kv_heads = small_integer(table, "kv_heads", 1, 1024);
  model.head_dim = small_integer(table, "head_dim", 128, 128);
  model.intermediate = small_integer(table, "intermediate", 64, 1 << 20);
  model.vocab = small_integer(table, "vocab", 1, 1 << 24);
  model.rope_theta = number_in(table, "rope_theta", 1, 1e12);
  model.rms_eps = number_in(table, "rms_eps", 1e-12, 1);
  model.qkv_bias = table.optional_boolean("qkv_bias").value_or(false);
  model.qk_norm = table.optional_boolean("qk_norm").value_or(false);
  // The kernels read 16 bytes (8 elements) at a time and pack up to 8 query heads of one KV head.
  if (model.hidden % 8) table.fail("hidden", "must be a multiple of 8");
  if (model.intermediate % 8) table.fail("intermediate", "must be a multiple of 8");
  if (model.query_heads % model.kv_heads || model.query_heads / model.kv_heads > 8)
    table.fail("kv_heads", "query_heads must be 1 to 8 times kv_heads");
  table.finish();
  return model;
}

}  // namespace perfgate
