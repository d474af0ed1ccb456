#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "gate/baseline/baseline.h"
#include "gate/config/bounded.h"
#include "gate/record/stability_json.h"
#include "gate/util/checksum.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"
#include "gate/util/toml_table.h"

namespace perfgate {

namespace {

/// Reads one field of the fingerprint by its type; an optional one may be absent.
struct FieldReader {
  TomlTable& table;
  static constexpr int most = 100000;  // limit for SMs, lanes and the like

  void operator()(const char* key, std::string& field) const { field = table.string(key); }
  void operator()(const char* key, int& field) const { field = small_integer(table, key, 1, most); }
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

double positive(TomlTable& table, std::string_view key) {
  const double value = table.number(key);
  if (!(value > 0)) table.fail(key, "must be more than 0");
  return value;
}

BaselineCase read_case(const std::string& id, TomlTable table) {
  BaselineCase stored;
  stored.id = id;
  for (const double us : table.numbers("duration_us")) {
    if (us < shortest_us || us > longest_us)
      table.fail("duration_us", fmt::format("{} is not a duration", us));
    stored.durations_s.push_back(us * 1e-6);
  }
  if (stored.durations_s.size() < 2)
    table.fail("duration_us", "needs the statistics of at least two processes");
  stored.created = table.optional_string("created").value_or("");
  stored.commit = table.optional_string("commit").value_or("");
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

std::vector<Accepted> read_accepted(TomlTable& root) {
  std::vector<Accepted> all;
  for (TomlTable& entry : root.tables("accepted")) {
    Accepted accepted;
    accepted.case_id = entry.string("case");
    accepted.why = entry.string("why");
    accepted.when = entry.string("when");
    accepted.old_s = positive(entry, "old_us") * 1e-6;
    accepted.new_s = positive(entry, "new_us") * 1e-6;
    entry.finish();
    all.push_back(std::move(accepted));
  }
  return all;
}

}  // namespace

Baseline read_baseline(std::string_view text, const std::string& source) {
  TomlTable root = TomlTable::parse(text, source);
  root.require_schema(baseline_schema);
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
  if (auto metrics = root.optional_table("metrics")) {
    for (const std::string& id : metrics->keys()) baseline.definitions[id] = metrics->string(id);
    metrics->finish();
  }
  if (auto sentinels = root.optional_table("sentinels")) {
    baseline.sentinels = Sentinels{positive(*sentinels, "read_gb_per_s") * 1e9,
                                   positive(*sentinels, "fma_tflops") * 1e12};
    sentinels->finish();
  }
  baseline.accepted = read_accepted(root);
  TomlTable cases = root.table("cases");
  for (const std::string& id : cases.keys()) {
    if (const std::size_t slash = id.rfind('/');
        slash == 0 || slash == std::string::npos || slash + 1 == id.size())
      cases.fail(id, "is no case's id: GROUP/PART is expected");
    baseline.cases.push_back(read_case(id, cases.table(id)));
  }
  if (baseline.cases.empty()) root.fail("cases", "is empty: nothing could be judged");
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
