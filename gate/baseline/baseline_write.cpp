// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "gate/baseline/baseline.h"
#include "gate/record/stability_json.h"
#include "gate/util/checksum.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

/// Returns a TOML basic string; bytes that are not text become '?'.
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
/// change digits that were not measured. Always reads back as a TOML float, and then prints the
/// same.
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

/// Returns a bare key where TOML allows it, else a string.
std::string toml_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
  return bare ? std::string(key) : toml_string(key);
}

class Writer {
 public:
  void comment(std::string_view text) { m_out += fmt::format("# {}\n", text); }
  void section(std::string_view name) { m_out += fmt::format("\n[{}]\n", name); }
  void text(std::string_view key, std::string_view value) { line(key, toml_string(value)); }
  void line(std::string_view key, std::string_view value) {
    m_out += fmt::format("{} = {}\n", key, value);
  }
  /// These overloads write a field by its type; an absent one is left out.
  void field(std::string_view key, const std::string& value) { text(key, value); }
  void field(std::string_view key, bool value) { line(key, value ? "true" : "false"); }
  void field(std::string_view key, double value) { line(key, number(value)); }
  void field(std::string_view key, int value) { line(key, fmt::to_string(value)); }
  void field(std::string_view key, std::int64_t value) { line(key, fmt::to_string(value)); }
  template <class T>
  void field(std::string_view key, const std::optional<T>& value) {
    if (value) field(key, *value);
  }
  std::string take() { return std::move(m_out); }

 private:
  std::string m_out;
};

}  // namespace

std::string write_baseline(const Baseline& baseline) {
  Writer out;
  out.comment("Written by `perfgate baseline refresh`; do not edit. docs/formats.md explains it.");
  out.line("schema", fmt::to_string(baseline_schema));
  out.text("gpu_id", baseline.gpu_id);
  out.text("clocks", clock_policy_id(baseline.clocks));
  if (baseline.seed) out.line("seed", fmt::to_string(*baseline.seed));

  out.section("provenance");
  out.text("created", baseline.created);
  out.text("commit", baseline.commit);
  out.text("perfgate", baseline.perfgate);
  out.text("command", baseline.command);

  out.section("gpu");
  each_field(baseline.gpu, [&](const char* key, const auto& field) { out.field(key, field); });

  for (const auto& [source, settings] : baseline.settings) {
    out.section(fmt::format("source.{}", toml_key(source)));
    for (const auto& [name, value] : settings) out.text(toml_key(name), value);
  }
  for (const StoredChoice& choice : baseline.tuning) {
    out.section("[tuning]");
    out.field("batch", choice.batch);
    out.field("n", choice.n);
    out.field("k", choice.k);
    out.text("dtype", choice.dtype);
    out.text("variant", choice.variant);
    if (choice.margin) out.line("margin_percent", number(*choice.margin * 100));
  }
  if (!baseline.definitions.empty()) {
    out.section("metrics");
    for (const auto& [id, definition] : baseline.definitions) out.text(toml_key(id), definition);
  }
  for (const auto& [number_of, session] : baseline.sessions) {
    out.section(fmt::format("session.{}", number_of));
    out.text("created", session.created);
    out.text("commit", session.commit);
    out.text("board", session.board);
    if (session.beat) {
      out.line("beat_us", number(session.beat->period_s * 1e6));
      out.line("beat_length_us", number(session.beat->length_s * 1e6));
    }
    if (!session.sentinels) continue;
    out.line("read_gb_per_s", number(session.sentinels->read_bytes_per_s * 1e-9));
    out.line("fma_tflops", number(session.sentinels->fma_flops * 1e-12));
  }
  for (const Accepted& accepted : baseline.accepted) {
    out.section("[accepted]");
    out.text("case", accepted.case_id);
    out.text("why", accepted.why);
    out.text("when", accepted.when);
    out.line("old_us", number(accepted.old_s * 1e6));
    out.line("new_us", number(accepted.new_s * 1e6));
  }
  for (const BaselineCase& stored : baseline.cases) {
    out.section(fmt::format("cases.{}", toml_string(stored.id)));
    for (const auto& [session, durations_s] : stored.sessions_s) {
      std::vector<double> durations_us;
      for (const double duration : durations_s) durations_us.push_back(duration * 1e6);
      out.line(fmt::format("duration_us.{}", session), number_list(durations_us));
    }
    for (const auto& [id, value] : stored.metrics)
      out.line("metrics." + toml_key(id), number(value));
    if (!stored.stability.empty())
      for (const Stability listed : listed_stabilities)
        out.line(stability_id(listed), text_list(ids_that_are(listed, stored.stability)));
    for (const KernelLaunch& launch : stored.kernels) {
      out.section(fmt::format("[cases.{}.kernel]", toml_string(stored.id)));
      out.text("name", launch.name);
      out.line("launch",
               fmt::format("[{}, {}, {}, {}, {}, {}]", launch.grid[0], launch.grid[1],
                           launch.grid[2], launch.block[0], launch.block[1], launch.block[2]));
      out.line("registers", fmt::to_string(launch.registers));
      out.line("shared_bytes", fmt::to_string(launch.shared_bytes));
      if (!launch.code.empty()) out.text("code", launch.code);
    }
  }
  return with_checksum(out.take());
}

}  // namespace perfgate
