#include "gate/baseline/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>

#include "gate/record/stability_json.h"
#include "gate/run/run_view.h"
#include "gate/util/checksum.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"
#include "gate/util/toml_table.h"

namespace perfgate {

namespace {

constexpr int baseline_schema = 1;

/// A TOML basic string; what is no text becomes '?'.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + '"';
}

/// Whole numbers in full (counters are exact), others to seven digits, so that a refresh does not
/// change digits that nobody measured. Always reads back as a TOML float, and then prints the same.
std::string number(double value) {
  if (value != std::floor(value)) value = std::stod(fmt::format("{:.7g}", value));
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.1f}", value);
  std::string text = fmt::format("{:.7g}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string number_list(const std::vector<double>& values) {
  std::string out;
  for (const double value : values) out += (out.empty() ? "" : ", ") + number(value);
  return "[" + out + "]";
}

std::string text_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + toml_string(text);
  return "[" + out + "]";
}

std::string launch_text(const KernelLaunch& launch) {
  const std::string code = launch.code.empty() ? "" : ", code " + launch.code.substr(0, 8);
  return fmt::format("{} <<<({}, {}, {}), ({}, {}, {}), {}>>> {} registers{}", launch.name,
                     launch.grid[0], launch.grid[1], launch.grid[2], launch.block[0],
                     launch.block[1], launch.block[2], launch.shared_bytes, launch.registers, code);
}

class Writer {
 public:
  void comment(std::string_view text) { m_out += fmt::format("# {}\n", text); }
  void section(std::string_view name) { m_out += fmt::format("\n[{}]\n", name); }
  void text(std::string_view key, std::string_view value) { line(key, toml_string(value)); }
  void line(std::string_view key, std::string_view value) {
    m_out += fmt::format("{} = {}\n", key, value);
  }
  template <class T>
  void maybe(std::string_view key, const std::optional<T>& value) {
    if constexpr (std::is_same_v<T, bool>) {
      if (value) line(key, *value ? "true" : "false");
    } else if constexpr (std::is_same_v<T, double>) {
      if (value) line(key, number(*value));
    } else {
      if (value) text(key, *value);
    }
  }
  std::string take() { return std::move(m_out); }

 private:
  std::string m_out;
};

GpuFingerprint read_gpu(TomlTable table) {
  GpuFingerprint gpu;
  gpu.name = table.string("name");
  gpu.uuid = table.string("uuid");
  gpu.compute_capability = table.string("compute_capability");
  gpu.sm_count = static_cast<int>(table.integer("sm_count"));
  gpu.l2_bytes = table.integer("l2_bytes");
  gpu.memory_bytes = table.integer("memory_bytes");
  gpu.cuda = table.string("cuda");
  gpu.cublas = table.string("cublas");
  gpu.chip = table.optional_string("chip");
  gpu.driver = table.optional_string("driver");
  gpu.vbios = table.optional_string("vbios");
  gpu.power_limit_w = table.optional_number("power_limit_w");
  gpu.ecc = table.optional_boolean("ecc");
  gpu.mig = table.optional_boolean("mig");
  gpu.persistence = table.optional_boolean("persistence");
  if (const auto generation = table.optional_integer("pcie_generation"))
    gpu.pcie_generation = static_cast<int>(*generation);
  if (const auto width = table.optional_integer("pcie_width"))
    gpu.pcie_width = static_cast<int>(*width);
  table.finish();
  return gpu;
}

double positive(TomlTable& table, std::string_view key) {
  const double value = table.number(key);
  if (!(value > 0)) table.fail(key, "must be more than 0");
  return value;
}

BaselineCase read_case(const std::string& id, TomlTable table) {
  BaselineCase one;
  one.id = id;
  for (const double us : table.numbers("duration_us")) {
    if (!(us > 0)) table.fail("duration_us", fmt::format("{} is not a duration", us));
    one.durations_s.push_back(us * 1e-6);
  }
  if (one.durations_s.size() < 2)
    table.fail("duration_us", "needs the statistics of at least two processes");
  one.created = table.optional_string("created").value_or("");
  one.commit = table.optional_string("commit").value_or("");
  if (auto metrics = table.optional_table("metrics")) {
    for (const std::string& key : metrics->keys()) one.metrics[key] = metrics->number(key);
    metrics->finish();
  }
  one.stability = read_stabilities(table, one.metrics);
  for (TomlTable& entry : table.tables("kernel")) {
    KernelLaunch launch;
    launch.name = entry.string("name");
    const std::vector<int> shape = entry.integers("launch");
    if (shape.size() != 6) entry.fail("launch", "expected grid x, y, z and block x, y, z");
    std::copy_n(shape.begin(), 3, launch.grid.begin());
    std::copy_n(shape.begin() + 3, 3, launch.block.begin());
    launch.registers = static_cast<int>(entry.integer("registers"));
    launch.shared_bytes = entry.integer("shared_bytes");
    if (const auto code = entry.optional_string("code")) {
      if (!is_code_hash(*code))
        entry.fail("code", fmt::format("'{}': {}", printable(*code), code_hash_wanted));
      launch.code = *code;
    }
    entry.finish();
    one.kernels.push_back(std::move(launch));
  }
  table.finish();
  return one;
}

std::vector<Accepted> read_accepted(TomlTable& root) {
  std::vector<Accepted> all;
  for (TomlTable& entry : root.tables("accepted")) {
    Accepted one;
    one.case_id = entry.string("case");
    one.why = entry.string("why");
    one.when = entry.string("when");
    one.old_s = positive(entry, "old_us") * 1e-6;
    one.new_s = positive(entry, "new_us") * 1e-6;
    entry.finish();
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

Board board_of(const RunRecord& run) {
  return {run.gpu_id, run.gpu ? run.gpu->uuid : ""};
}

std::string board_file(const Board& board) {
  // "GPU-eed0a850-1234-...": eight digits tell the boards of one team apart.
  std::string digits;
  for (const char c : board.uuid.substr(std::min(board.uuid.size(), board.uuid.find('-') + 1)))
    if (std::isalnum(static_cast<unsigned char>(c)) && digits.size() < 8) digits += c;
  return board.gpu_id + (digits.empty() ? "" : "." + digits) + ".toml";
}

const BaselineCase* Baseline::find(std::string_view id) const {
  const auto found =
      std::find_if(cases.begin(), cases.end(), [&](const auto& one) { return one.id == id; });
  return found == cases.end() ? nullptr : &*found;
}

BaselineIndex index_cases(const Baseline& baseline) {
  BaselineIndex index;
  for (const BaselineCase& one : baseline.cases) index.emplace(one.id, &one);
  return index;
}

const BaselineCase* find(const BaselineIndex& index, std::string_view id) {
  const auto found = index.find(id);
  return found == index.end() ? nullptr : found->second;
}

Baseline make_baseline(const RunRecord& run) {
  if (!run.gpu) throw NoVerdict("the run has no measurement in it, so it is no baseline");
  Baseline baseline{run.gpu_id, *run.gpu,    run.clocks,  run.perfgate,
                    run.commit, run.created, run.command, median_sentinels(run)};
  baseline.backend = run.plan.backend;
  const CaseViews views(run);
  for (const Case& one : run.plan.cases) {
    const CaseView& view = views[one.id];
    if (view.durations_s.size() < 2) continue;
    baseline.cases.push_back(
        {one.id, view.durations_s, view.metrics, view.kernels, view.stability});
  }
  return baseline;
}

std::string write_baseline(const Baseline& baseline) {
  Writer out;
  out.comment("Written by `perfgate baseline refresh`; do not edit. docs/formats.md explains it.");
  out.line("schema", fmt::to_string(baseline_schema));
  out.text("gpu_id", baseline.gpu_id);
  out.text("clocks", clock_policy_id(baseline.clocks));
  if (baseline.backend != GemmBackend::automatic)
    out.text("backend", gemm_backend_id(baseline.backend));

  out.section("provenance");
  out.text("created", baseline.created);
  out.text("commit", baseline.commit);
  out.text("perfgate", baseline.perfgate);
  out.text("command", baseline.command);

  const GpuFingerprint& gpu = baseline.gpu;
  out.section("gpu");
  out.text("name", gpu.name);
  out.text("uuid", gpu.uuid);
  out.text("compute_capability", gpu.compute_capability);
  out.line("sm_count", fmt::to_string(gpu.sm_count));
  out.line("l2_bytes", fmt::to_string(gpu.l2_bytes));
  out.line("memory_bytes", fmt::to_string(gpu.memory_bytes));
  out.text("cuda", gpu.cuda);
  out.text("cublas", gpu.cublas);
  out.maybe("chip", gpu.chip);
  out.maybe("driver", gpu.driver);
  out.maybe("vbios", gpu.vbios);
  out.maybe("power_limit_w", gpu.power_limit_w);
  out.maybe("ecc", gpu.ecc);
  out.maybe("mig", gpu.mig);
  out.maybe("persistence", gpu.persistence);
  if (gpu.pcie_generation) out.line("pcie_generation", fmt::to_string(*gpu.pcie_generation));
  if (gpu.pcie_width) out.line("pcie_width", fmt::to_string(*gpu.pcie_width));

  if (baseline.sentinels) {
    out.section("sentinels");
    out.line("read_gb_per_s", number(baseline.sentinels->read_bytes_per_s * 1e-9));
    out.line("fma_tflops", number(baseline.sentinels->fma_flops * 1e-12));
  }
  for (const Accepted& one : baseline.accepted) {
    out.section("[accepted]");
    out.text("case", one.case_id);
    out.text("why", one.why);
    out.text("when", one.when);
    out.line("old_us", number(one.old_s * 1e6));
    out.line("new_us", number(one.new_s * 1e6));
  }
  for (const BaselineCase& one : baseline.cases) {
    out.section(fmt::format("cases.{}", toml_string(one.id)));
    std::vector<double> durations_us;
    for (const double duration : one.durations_s) durations_us.push_back(duration * 1e6);
    out.line("duration_us", number_list(durations_us));
    if (!one.created.empty()) {
      out.text("created", one.created);
      out.text("commit", one.commit);
    }
    for (const auto& [id, value] : one.metrics) out.line("metrics." + id, number(value));
    if (!one.stability.empty())
      for (const Stability listed : listed_stabilities)
        out.line(stability_id(listed), text_list(ids_that_are(listed, one.stability)));
    for (const KernelLaunch& launch : one.kernels) {
      out.section(fmt::format("[cases.{}.kernel]", toml_string(one.id)));
      out.text("name", launch.name);
      out.line("launch",
               fmt::format("[{}, {}, {}, {}, {}, {}]", launch.grid[0], launch.grid[1],
                           launch.grid[2], launch.block[0], launch.block[1], launch.block[2]));
      out.line("registers", fmt::to_string(launch.registers));
      out.line("shared_bytes", fmt::to_string(launch.shared_bytes));
      if (!launch.code.empty()) out.text("code", launch.code);
    }
  }
  return sealed(out.take());
}

Baseline read_baseline(std::string_view text, const std::string& source) {
  TomlTable root = TomlTable::parse(text, source);
  root.require_schema(baseline_schema);
  Baseline baseline;
  baseline.gpu_id = root.string("gpu_id");
  baseline.clocks = choose(clock_policies, root, "clocks").policy;
  if (root.has("backend")) baseline.backend = choose(gemm_backends, root, "backend").backend;
  TomlTable provenance = root.table("provenance");
  baseline.created = provenance.string("created");
  baseline.commit = provenance.string("commit");
  baseline.perfgate = provenance.string("perfgate");
  baseline.command = provenance.string("command");
  provenance.finish();
  baseline.gpu = read_gpu(root.table("gpu"));
  if (auto sentinels = root.optional_table("sentinels")) {
    baseline.sentinels = Sentinels{positive(*sentinels, "read_gb_per_s") * 1e9,
                                   positive(*sentinels, "fma_tflops") * 1e12};
    sentinels->finish();
  }
  baseline.accepted = read_accepted(root);
  TomlTable cases = root.table("cases");
  for (const std::string& id : cases.keys())
    baseline.cases.push_back(read_case(id, cases.table(id)));
  if (baseline.cases.empty()) root.fail("cases", "is empty: nothing could be judged");
  const bool has_checksum = root.optional_string("checksum").has_value();
  root.finish();
  // Last: what is wrong with a single key says more than that something was edited.
  if (has_checksum && seal_of(text) != Seal::intact)
    root.fail("checksum",
              fmt::format("does not fit the file, which was edited by hand or merged from two; {}",
                          refresh_fix));
  return baseline;
}

std::vector<std::string> diff_baselines(const Baseline& before, const Baseline& after) {
  std::vector<std::string> lines;
  const BaselineIndex old_cases = index_cases(before), new_cases = index_cases(after);
  for (const BaselineCase& now : after.cases) {
    const double new_us = median(now.durations_s) * 1e6;
    const BaselineCase* was = find(old_cases, now.id);
    if (!was) {
      lines.push_back(fmt::format("+ {}  {:.2f} us", now.id, new_us));
      continue;
    }
    const double old_us = median(was->durations_s) * 1e6;
    lines.push_back(fmt::format("  {}  {:.2f} -> {:.2f} us ({:+.1f} %)", now.id, old_us, new_us,
                                100 * (new_us / old_us - 1)));
    for (std::size_t i = 0; i < std::max(was->kernels.size(), now.kernels.size()); ++i) {
      const KernelLaunch* const a = i < was->kernels.size() ? &was->kernels[i] : nullptr;
      const KernelLaunch* const b = i < now.kernels.size() ? &now.kernels[i] : nullptr;
      // The first baseline that knows codes has not changed every kernel.
      if (a && b && same_launch(*a, *b)) continue;
      lines.push_back(fmt::format("    kernel {}: {} -> {}", i, a ? launch_text(*a) : "none",
                                  b ? launch_text(*b) : "none"));
    }
  }
  for (const BaselineCase& was : before.cases)
    if (!find(new_cases, was.id)) lines.push_back(fmt::format("- {}", was.id));
  return lines;
}

}  // namespace perfgate
