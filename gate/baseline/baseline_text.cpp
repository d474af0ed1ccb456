#include "gate/baseline/baseline_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gate/util/stats.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

struct Field {
  std::string key, value;
};

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

/// Everything that says on what and how a baseline was measured, in the file's order and words.
std::vector<Field> condition_fields(const Baseline& baseline) {
  const GpuFingerprint& gpu = baseline.gpu;
  return {{"gpu_id", one_line(baseline.gpu_id)},
          {"clocks", std::string(clock_policy_id(baseline.clocks))},
          {"backend", std::string(gemm_backend_id(baseline.backend))},
          {"gpu.name", one_line(gpu.name)},
          {"gpu.uuid", one_line(gpu.uuid)},
          {"gpu.compute_capability", one_line(gpu.compute_capability)},
          {"gpu.sm_count", fmt::to_string(gpu.sm_count)},
          {"gpu.l2_bytes", fmt::to_string(gpu.l2_bytes)},
          {"gpu.memory_bytes", fmt::to_string(gpu.memory_bytes)},
          {"gpu.cuda", one_line(gpu.cuda)},
          {"gpu.cublas", one_line(gpu.cublas)},
          {"gpu.chip", text_of(gpu.chip)},
          {"gpu.driver", text_of(gpu.driver)},
          {"gpu.vbios", text_of(gpu.vbios)},
          {"gpu.power_limit_w", text_of(gpu.power_limit_w)},
          {"gpu.ecc", text_of(gpu.ecc)},
          {"gpu.mig", text_of(gpu.mig)},
          {"gpu.persistence", text_of(gpu.persistence)},
          {"gpu.pcie_generation", text_of(gpu.pcie_generation)},
          {"gpu.pcie_width", text_of(gpu.pcie_width)}};
}

/// Standard deviation of the logs, in percent: how far fresh processes differ from each other.
double scatter_percent(const std::vector<double>& durations_s) {
  double mean = 0, squares = 0;
  const auto count = static_cast<double>(durations_s.size());
  for (const double duration : durations_s) mean += std::log(duration) / count;
  for (const double duration : durations_s) squares += std::pow(std::log(duration) - mean, 2);
  return 100 * std::sqrt(squares / (count - 1));
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
  line("GPU", fmt::format("{} ({}), {}, {} SMs", one_line(gpu.name), one_line(baseline.gpu_id),
                          text_of(gpu.chip), gpu.sm_count));
  line("board", fmt::format("{}, VBIOS {}, power limit {}, ECC {}, MIG {}", one_line(gpu.uuid),
                            text_of(gpu.vbios), text_of(gpu.power_limit_w, " W"), text_of(gpu.ecc),
                            text_of(gpu.mig)));
  line("driver", fmt::format("{}, CUDA {}, cuBLAS {}", text_of(gpu.driver), one_line(gpu.cuda),
                             one_line(gpu.cublas)));
  line("date",
       fmt::format("{}, perfgate {}", one_line(baseline.created), one_line(baseline.perfgate)));
  line("commit", at(baseline.commit));
  line("clocks", std::string(clock_policy_id(baseline.clocks)));
  line("backend", std::string(gemm_backend_id(baseline.backend)));
  line("sentinels", baseline.sentinels ? fmt::format("read {:.1f} GB/s, FMA {:.2f} TFLOPS",
                                                     baseline.sentinels->read_bytes_per_s * 1e-9,
                                                     baseline.sentinels->fma_flops * 1e-12)
                                       : "none");
  return out;
}

/// "4000.0 -> 3600.0 (-10.0 %)"; "" when nothing differs in the digits that are shown.
std::string change(double before, double after, int decimals) {
  const std::string a = fmt::format("{:.{}f}", before, decimals);
  const std::string b = fmt::format("{:.{}f}", after, decimals);
  return a == b ? "" : fmt::format("{} -> {} ({:+.1f} %)", a, b, 100 * (after / before - 1));
}

}  // namespace

std::string render_baseline(const Baseline& baseline, std::string_view title) {
  std::string out = fmt::format("{}\n{}\n", one_line(title), header(baseline));
  std::size_t width = 4;
  for (const BaselineCase& one : baseline.cases) width = std::max(width, one_line(one.id).size());
  out += fmt::format("{:<{}} {:>10} {:>10} {:>10} {:>8}\n", "case", width, "median us", "scatter %",
                     "processes", "kernels");
  for (const BaselineCase& one : baseline.cases) {
    out += fmt::format("{:<{}} {:>10.2f} {:>10.2f} {:>10} {:>8}", one_line(one.id), width,
                       median(one.durations_s) * 1e6, scatter_percent(one.durations_s),
                       one.durations_s.size(), one.kernels.size());
    if (!one.created.empty())
      out += fmt::format("  measured {} at {}", one_line(one.created), at(one.commit));
    out += "\n";
  }
  for (const Accepted& one : baseline.accepted)
    out += fmt::format("\naccepted {}: {:.2f} -> {:.2f} us ({:+.1f} %), {}: {}\n",
                       one_line(one.case_id), one.old_s * 1e6, one.new_s * 1e6,
                       100 * (one.new_s / one.old_s - 1), one_line(one.when), one_line(one.why));
  return out + fmt::format("\n{}\n", count_of(baseline.cases.size(), "case"));
}

std::vector<std::string> diff_conditions(const Baseline& before, const Baseline& after) {
  std::vector<std::string> lines;
  const std::vector<Field> was = condition_fields(before), is = condition_fields(after);
  for (std::size_t i = 0; i < was.size(); ++i)
    if (was[i].value != is[i].value)
      lines.push_back(fmt::format("{}: {} -> {}", was[i].key, was[i].value, is[i].value));
  if (before.sentinels && after.sentinels) {
    const Sentinels &a = *before.sentinels, &b = *after.sentinels;
    const std::string read = change(a.read_bytes_per_s * 1e-9, b.read_bytes_per_s * 1e-9, 1);
    const std::string fma = change(a.fma_flops * 1e-12, b.fma_flops * 1e-12, 2);
    if (!read.empty()) lines.push_back("sentinels.read_gb_per_s: " + read);
    if (!fma.empty()) lines.push_back("sentinels.fma_tflops: " + fma);
  } else if (before.sentinels || after.sentinels) {
    lines.push_back(fmt::format("sentinels: {}", after.sentinels ? "none -> there" : "gone"));
  }
  return lines;
}

}  // namespace perfgate
