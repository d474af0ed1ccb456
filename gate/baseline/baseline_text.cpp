// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "gate/baseline/tuning.h"
#include "gate/decode/decode_source.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"
#include "gate/util/text_table.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

std::string text_of(const std::optional<std::string>& value) {
  return value ? one_line(*value) : "unknown";
}
std::string text_of(const std::optional<bool>& value) {
  return value ? (*value ? "on" : "off") : "unknown";
}
template <class Number>
std::string text_of(const std::optional<Number>& value, std::string_view unit = "") {
  return value ? fmt::format("{}{}", *value, unit) : "unknown";
}

std::string text_of(const std::string& value) {
  return one_line(value);
}
std::string text_of(int value) {
  return fmt::to_string(value);
}
std::string text_of(std::int64_t value) {
  return fmt::to_string(value);
}

/// Returns the conditions under which a baseline was measured, by the file's keys.
std::map<std::string, std::string> condition_fields(const Baseline& baseline) {
  std::map<std::string, std::string> fields{
      {"gpu_id", one_line(baseline.gpu_id)},
      {"clocks", std::string(clock_policy_id(baseline.clocks))}};
  each_field(baseline.gpu, [&](const char* key, const auto& field) {
    fields[fmt::format("gpu.{}", key)] = text_of(field);
  });
  for (const auto& [source, settings] : baseline.settings)
    for (const auto& [name, value] : settings)
      fields[one_line(fmt::format("source.{}.{}", source, name))] = one_line(value);
  return fields;
}

/// Returns the numbers of the sessions that measured a case: "1 2 3".
std::string numbers_of(const BaselineCase& stored) {
  std::string out;
  for (const auto& [number, durations_s] : stored.sessions_s)
    out += (out.empty() ? "" : " ") + fmt::to_string(number);
  return out;
}

std::string at(const std::string& commit) {
  return commit.empty() ? "an unknown commit" : one_line(commit);
}

std::string header(const Baseline& baseline) {
  const GpuFingerprint& gpu = baseline.gpu;
  std::string out;
  const auto line = [&](std::string_view what, const std::string& text) {
    out += fmt::format("{:<10} {}\n", what, text);
  };
  line("GPU",
       fmt::format("{} ({}), {}, {} SMs", one_line(gpu.name), one_line(baseline.gpu_id),
                   text_of(gpu.chip), gpu.sm_count > 0 ? fmt::to_string(gpu.sm_count) : "unknown"));
  line("board", fmt::format("{}, VBIOS {}, power limit {}, ECC {}, MIG {}", one_line(gpu.uuid),
                            text_of(gpu.vbios), text_of(gpu.power_limit_w, " W"), text_of(gpu.ecc),
                            text_of(gpu.mig)));
  line("driver", fmt::format("{}, CUDA {}, cuBLAS {}", text_of(gpu.driver), one_line(gpu.cuda),
                             one_line(gpu.cublas)));
  line("date",
       fmt::format("{}, perfgate {}", one_line(baseline.created), one_line(baseline.perfgate)));
  line("commit", at(baseline.commit));
  line("clocks", std::string(clock_policy_id(baseline.clocks)));
  for (const auto& [source, settings] : baseline.settings)
    for (const auto& [name, value] : settings)
      // A shape is too long for a line of this table; each choice of a kernel has its own below.
      if (!is_work_setting(name) && name != gemm_variants_setting)
        line(one_line(source), one_line(fmt::format("{} {}", name, value)));
  for (const GemmChoice& choice : choices_of(baseline))
    line("GEMM", one_line(gemm_text(choice)) +
                     (choice.margin
                          ? fmt::format(", the layer with the next one {}", percent(*choice.margin))
                          : ""));
  for (const auto& [number, session] : baseline.sessions)
    line(fmt::format("session {}", number),
         fmt::format("{} at {}, board {}{}, {}", one_line(session.created), at(session.commit),
                     one_line(session.board),
                     session.beat
                         ? fmt::format(", memory's beat {:.2f} us, {:.2f} us long",
                                       session.beat->period_s * 1e6, session.beat->length_s * 1e6)
                         : "",
                     session.sentinels ? fmt::format("read {:.1f} GB/s, FMA {:.2f} TFLOP/s",
                                                     session.sentinels->read_bytes_per_s * 1e-9,
                                                     session.sentinels->fma_flops * 1e-12)
                                       : "no sentinels"));
  return out;
}

/// Returns "4000.0 -> 3600.0 (-10.0 %)"; "" when the printed digits are equal.
std::string change(double before, double after, int decimals) {
  const std::string a = fmt::format("{:.{}f}", before, decimals);
  const std::string b = fmt::format("{:.{}f}", after, decimals);
  return a == b ? "" : fmt::format("{} -> {} ({})", a, b, percent(after / before - 1));
}

TextTable cases_table(const Baseline& baseline) {
  TextTable table{"",
                  {{"case", Align::left},
                   {"median us"},
                   {"scatter %"},
                   {"processes"},
                   {"sessions"},
                   {"kernels"}},
                  {}};
  table.of_cases = true;
  for (const BaselineCase& stored : baseline.cases) {
    const std::vector<double> durations_s = stored.durations_s();
    table.rows.push_back({stored.id, fmt::format("{:.2f}", median(durations_s) * 1e6),
                          fmt::format("{:.2f}", 100 * log_deviation(durations_s)),
                          fmt::to_string(durations_s.size()), numbers_of(stored),
                          // The kernels of a whole are stored with its parts.
                          stored.kernels.empty() ? "-" : fmt::to_string(stored.kernels.size())});
  }
  return table;
}

}  // namespace

std::string render_baseline(const Baseline& baseline, std::string_view title, std::size_t columns) {
  std::string out = fmt::format("{}\n{}\n", one_line(title), header(baseline));
  out += table_text(cases_table(baseline), columns);
  for (const Accepted& accepted : baseline.accepted)
    out += fmt::format("\naccepted {}: {:.2f} -> {:.2f} us ({}), {}: {}\n",
                       one_line(accepted.case_id), accepted.old_s * 1e6, accepted.new_s * 1e6,
                       percent(accepted.new_s / accepted.old_s - 1), one_line(accepted.when),
                       one_line(accepted.why));
  out += fmt::format("\n{}\n", count_of(baseline.cases.size(), "case"));
  return wrapped(out, columns);
}

std::vector<std::string> diff_conditions(const Baseline& before, const Baseline& after) {
  std::vector<std::string> lines;
  const auto was = condition_fields(before), is = condition_fields(after);
  const auto value_of = [](const auto& fields, const std::string& key) {
    const auto found = fields.find(key);
    return found == fields.end() ? std::string("not set") : found->second;
  };
  std::set<std::string> keys;
  for (const auto* fields : {&was, &is})
    for (const auto& [key, value] : *fields) keys.insert(key);
  for (const std::string& key : keys)
    if (const std::string a = value_of(was, key), b = value_of(is, key); a != b)
      lines.push_back(fmt::format("{}: {} -> {}", key, a, b));
  const auto then = before.sentinels(), now = after.sentinels();
  if (then && now) {
    const Sentinels &a = *then, &b = *now;
    const std::string read = change(a.read_bytes_per_s * 1e-9, b.read_bytes_per_s * 1e-9, 1);
    const std::string fma = change(a.fma_flops * 1e-12, b.fma_flops * 1e-12, 2);
    if (!read.empty()) lines.push_back("sentinels.read_gb_per_s: " + read);
    if (!fma.empty()) lines.push_back("sentinels.fma_tflops: " + fma);
  } else if (then || now) {
    lines.push_back(fmt::format("sentinels: {}", now ? "none -> there" : "gone"));
  }
  return lines;
}

}  // namespace perfgate
