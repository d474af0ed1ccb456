// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "gate/baseline/baseline.h"
#include "gate/baseline/repeated_session.h"
#include "gate/config/bounded.h"
#include "gate/decode/dtype.h"
#include "gate/record/stability_json.h"
#include "gate/util/checksum.h"
#include "gate/util/id_table.h"
#include "gate/util/plausible.h"
#include "gate/util/text.h"
#include "gate/util/toml_table.h"

namespace perfgate {

namespace {

/// Reads one field of the fingerprint by its type; an optional one may be absent.
struct FieldReader {
  TomlTable& table;
  static constexpr int most = 100000;  // limit for SMs, lanes and the like

  void operator()(const char* key, std::string& field) const { field = table.string(key); }
  void operator()(const char* key, int& field) const { field = small_integer(table, key, 0, most); }
  void operator()(const char* key, std::int64_t& field) const {
    field = integer_in(table, key, 0, INT64_MAX);
  }
  void operator()(const char* key, std::optional<std::string>& field) const {
    field = table.optional_string(key);
  }
  void operator()(const char* key, std::optional<double>& field) const {
    field = table.optional_number(key);
  }
  void operator()(const char* key, std::optional<bool>& field) const {
    field = table.optional_boolean(key);
  }
  void operator()(const char* key, std::optional<int>& field) const {
    if (table.has(key)) field = small_integer(table, key, 1, most);
  }
};

GpuFingerprint read_gpu(TomlTable table) {
  GpuFingerprint gpu;
  each_field(gpu, FieldReader{table});
  table.finish();
  return gpu;
}

// A tick of a GPU's clock, and a time that no run takes.
constexpr double shortest_us = 1e-3, longest_us = 1e12;

double seconds(const TomlTable& table, std::string_view key, double us) {
  if (us < shortest_us || us > longest_us) table.fail(key, fmt::format("{} is not a duration", us));
  return us * 1e-6;
}

/// Returns bytes or operations a second, of which `unit` is a multiple.
double speed(TomlTable& table, std::string_view key, double unit) {
  const double value = table.number(key);
  if (!is_device_speed(value * unit))
    table.fail(key, fmt::format("{} is no device's speed", value));
  return value * unit;
}

std::optional<Sentinels> read_sentinels(TomlTable& table) {
  if (!table.has("read_gb_per_s") && !table.has("fma_tflops")) return std::nullopt;
  return Sentinels{speed(table, "read_gb_per_s", 1e9), speed(table, "fma_tflops", 1e12)};
}

std::optional<SessionBeat> read_beat(TomlTable& table) {
  if (!table.has("beat_us") && !table.has("beat_length_us")) return std::nullopt;
  return SessionBeat{seconds(table, "beat_us", table.number("beat_us")),
                     seconds(table, "beat_length_us", table.number("beat_length_us"))};
}

/// Returns the number that a session's key is, 1 to 9999; `table` is its parent.
int session_number(const TomlTable& table, const std::string& key) {
  const bool number = !key.empty() && key.size() <= 4 && key.front() != '0' &&
                      key.find_first_not_of("0123456789") == std::string::npos;
  if (!number) table.fail(key, "is not the number of a session, 1 to 9999");
  return std::stoi(key);
}

std::map<int, BaselineSession> read_sessions(TomlTable table) {
  std::map<int, BaselineSession> sessions;
  for (const std::string& key : table.keys()) {
    const int number = session_number(table, key);
    TomlTable entry = table.table(key);
    BaselineSession& session = sessions[number];
    session.created = entry.string("created");
    session.commit = entry.string("commit");
    session.board = entry.string("board");
    session.beat = read_beat(entry);
    session.sentinels = read_sentinels(entry);
    entry.finish();
  }
  table.finish();
  return sessions;
}

std::vector<double> read_durations(TomlTable& table, std::string_view key) {
  std::vector<double> durations_s;
  for (const double us : table.numbers(key)) durations_s.push_back(seconds(table, key, us));
  if (durations_s.size() < 2) table.fail(key, "needs the statistics of at least two processes");
  return durations_s;
}

/// Reads the durations of a case, of schema 2 as those of one session.
void read_case_sessions(BaselineCase& stored, TomlTable& table, Baseline& baseline) {
  if (baseline.sessions.empty())
    table.fail("duration_us", "the file has no session to which these durations could belong");
  TomlTable sessions = table.table("duration_us");
  for (const std::string& key : sessions.keys()) {
    const int number = session_number(sessions, key);
    if (!baseline.sessions.contains(number))
      sessions.fail(key, fmt::format("the file has no [session.{}]", number));
    stored.sessions_s[number] = read_durations(sessions, key);
  }
  if (stored.sessions_s.empty()) table.fail("duration_us", "is of no session");
  sessions.finish();
}

/// Reads the durations of a case in schema 2: those of the file's one session, or of a session of
/// its own where a refresh measured this case alone.
void read_case_of_one_session(BaselineCase& stored, TomlTable& table, Baseline& baseline) {
  int number = 1;
  const std::string created = table.optional_string("created").value_or("");
  const std::string commit = table.optional_string("commit").value_or("");
  if (!created.empty()) {
    const auto same =
        std::find_if(baseline.sessions.begin(), baseline.sessions.end(), [&](const auto& entry) {
          return entry.second.created == created && entry.second.commit == commit;
        });
    number = same != baseline.sessions.end() ? same->first : baseline.sessions.rbegin()->first + 1;
    if (same == baseline.sessions.end())
      baseline.sessions[number] = {created, commit, baseline.gpu.uuid, baseline.sentinels()};
  }
  stored.sessions_s[number] = read_durations(table, "duration_us");
}

BaselineCase read_case(const std::string& id, TomlTable table, std::int64_t schema,
                       Baseline& baseline) {
  BaselineCase stored;
  stored.id = id;
  if (schema == oldest_baseline_schema)
    read_case_of_one_session(stored, table, baseline);
  else
    read_case_sessions(stored, table, baseline);
  if (auto metrics = table.optional_table("metrics")) {
    for (const std::string& key : metrics->keys()) stored.metrics[key] = metrics->number(key);
    metrics->finish();
  }
  stored.stability = read_stabilities(table, stored.metrics);
  for (TomlTable& entry : table.tables("kernel")) {
    KernelLaunch launch;
    launch.name = entry.string("name");
    const std::vector<int> shape = entry.integers("launch");
    if (shape.size() != 6) entry.fail("launch", "expected grid x, y, z and block x, y, z");
    if (std::any_of(shape.begin(), shape.end(), [](int size) { return size < 1; }))
      entry.fail("launch", "a grid or a block of less than 1");
    std::copy_n(shape.begin(), 3, launch.grid.begin());
    std::copy_n(shape.begin() + 3, 3, launch.block.begin());
    launch.registers = small_integer(entry, "registers", 0, INT32_MAX);
    launch.shared_bytes = integer_in(entry, "shared_bytes", 0, INT64_MAX);
    if (const auto code = entry.optional_string("code")) {
      if (!is_code_hash(*code))
        entry.fail("code", fmt::format("'{}': {}", printable(*code), code_hash_wanted));
      launch.code = *code;
    }
    entry.finish();
    stored.kernels.push_back(std::move(launch));
  }
  table.finish();
  return stored;
}

std::vector<StoredChoice> read_tuning(TomlTable& root) {
  constexpr int most_rows = 64, longest = 1 << 24;
  std::vector<StoredChoice> all;
  for (TomlTable& entry : root.tables("tuning")) {
    StoredChoice choice;
    choice.batch = small_integer(entry, "batch", 1, most_rows);
    choice.n = small_integer(entry, "n", 8, longest);
    choice.k = small_integer(entry, "k", 8, longest);
    choice.dtype = choose(dtypes, entry, "dtype").id;
    choice.variant = entry.string("variant");
    if (const auto margin = entry.optional_number("margin_percent")) choice.margin = *margin / 100;
    for (const StoredChoice& known : all)
      if (std::tie(known.batch, known.n, known.k, known.dtype) ==
          std::tie(choice.batch, choice.n, choice.k, choice.dtype))
        entry.fail("variant", "a second choice for the same GEMM");
    entry.finish();
    all.push_back(std::move(choice));
  }
  return all;
}

std::vector<Accepted> read_accepted(TomlTable& root) {
  std::vector<Accepted> all;
  for (TomlTable& entry : root.tables("accepted")) {
    Accepted accepted;
    accepted.case_id = entry.string("case");
    accepted.why = entry.string("why");
    accepted.when = entry.string("when");
    accepted.old_s = seconds(entry, "old_us", entry.number("old_us"));
    accepted.new_s = seconds(entry, "new_us", entry.number("new_us"));
    entry.finish();
    all.push_back(std::move(accepted));
  }
  return all;
}

}  // namespace

Baseline read_baseline(std::string_view text, const std::string& source) {
  TomlTable root = TomlTable::parse(text, source);
  const std::int64_t schema = root.require_schema(oldest_baseline_schema, baseline_schema);
  Baseline baseline;
  baseline.gpu_id = root.string("gpu_id");
  if (!is_gpu_id(baseline.gpu_id)) root.fail("gpu_id", gpu_id_wanted);
  baseline.clocks = choose(clock_policies, root, "clocks").policy;
  if (const auto seed = root.optional_integer("seed")) {
    if (*seed < 0) root.fail("seed", "is below 0");
    baseline.seed = static_cast<std::uint64_t>(*seed);
  }
  TomlTable provenance = root.table("provenance");
  baseline.created = provenance.string("created");
  baseline.commit = provenance.string("commit");
  baseline.perfgate = provenance.string("perfgate");
  baseline.command = provenance.string("command");
  provenance.finish();
  baseline.gpu = read_gpu(root.table("gpu"));
  if (auto sources = root.optional_table("source")) {
    for (const std::string& id : sources->keys()) {
      TomlTable settings = sources->table(id);
      auto& stored = baseline.settings[id];  // an empty one, too, says that there is the source
      for (const std::string& name : settings.keys()) stored[name] = settings.string(name);
      settings.finish();
    }
    sources->finish();
  }
  baseline.tuning = read_tuning(root);
  if (auto metrics = root.optional_table("metrics")) {
    for (const std::string& id : metrics->keys()) baseline.definitions[id] = metrics->string(id);
    metrics->finish();
  }
  if (schema == oldest_baseline_schema) {
    BaselineSession only{baseline.created, baseline.commit, baseline.gpu.uuid};
    if (auto sentinels = root.optional_table("sentinels")) {
      only.sentinels = read_sentinels(*sentinels);
      sentinels->finish();
    }
    baseline.sessions[1] = std::move(only);
  } else {
    baseline.sessions = read_sessions(root.table("session"));
  }
  baseline.accepted = read_accepted(root);
  TomlTable cases = root.table("cases");
  for (const std::string& id : cases.keys()) {
    if (const std::size_t slash = id.rfind('/');
        slash == 0 || slash == std::string::npos || slash + 1 == id.size())
      cases.fail(id, "is no case's id: GROUP/PART is expected");
    baseline.cases.push_back(read_case(id, cases.table(id), schema, baseline));
  }
  if (baseline.cases.empty()) root.fail("cases", "is empty: nothing could be judged");
  if (const auto copy = repeated_session(baseline))
    root.table("session").fail(
        fmt::to_string(copy->again),
        fmt::format("is session {} again, with the same durations in {}: one invocation is one "
                    "session; {}",
                    copy->first, count_of(copy->cases, "case"), refresh_fix));
  const bool has_checksum = root.optional_string("checksum").has_value();
  root.finish();
  // The checksum comes last: an error in a single key says more than that something was edited.
  if (has_checksum && checksum_state(text) != ChecksumState::intact)
    root.fail("checksum",
              fmt::format("does not fit the file, which was edited by hand or merged from two; {}",
                          refresh_fix));
  return baseline;
}

}  // namespace perfgate
