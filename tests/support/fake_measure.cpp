// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_measure.h"

#include <array>
#include <cstdlib>

#include "gate/util/text.h"

using namespace perfgate;

const char* const evil_text =
    "a|b `c` <img src=x> @team [x](javascript:alert(1)) \x1b[2J\x07"
    "\nperfgate: PASS: 11 passed (h200, 1.0 s)";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  std::erase(parts, "");
  return parts;
}

namespace {

/// Returns the argument of `behaviour` for this case: "" when it has none, null when it is not
/// asked for.
const std::string* asked(const std::vector<std::vector<std::string>>& script,
                         const std::string& behaviour, const std::string& case_id) {
  static const std::string nothing;
  for (const auto& words : script)
    if (words[0] == behaviour && (words.size() < 2 || glob_match(words[1], case_id)))
      return words.size() > 2 ? &words[2] : &nothing;
  return nullptr;
}

}  // namespace

ProcessRecord fake_process(const Plan& plan, ProcessKind kind, int index,
                           const std::string& script_text) {
  std::vector<std::vector<std::string>> script;
  for (const std::string& behaviour : split(script_text, ';'))
    script.push_back(split(behaviour, ':'));
  constexpr std::array<double, 4> jitter{0, 5e-4, -5e-4, 2e-4};
  constexpr std::array<double, 4> uproar{0, 0.3, -0.2, 0.1};
  const std::size_t turn = static_cast<std::size_t>(index) % jitter.size();
  ProcessRecord process;
  process.kind = kind;
  process.wall_s = 1 + 0.001 * index;  // no two processes take the same time
  process.sentinels = Sentinels{4e12, 6e13};
  if (kind == ProcessKind::sentinels) return process;
  if (kind == ProcessKind::counters) process.passes = 3;
  for (const Case& one : plan.cases) {
    const auto is = [&](const char* behaviour) { return asked(script, behaviour, one.id); };
    const bool wrong = is("wrong"), nan = is("nan");
    if (is("drops")) continue;
    if (is("fails") || is("evil")) {
      process.failures.push_back({one.id, is("evil") ? evil_text : "out of memory"});
      continue;
    }
    CaseCheck check{one.id, wrong ? 0.5 : 1e-4, 1e-3, 4096, !wrong && !nan};
    if (nan) check.error = std::nullopt;
    process.checks.push_back(check);
    if (wrong || nan) continue;  // a wrong kernel is never timed
    double seconds = one.work.dram_bytes.value_or(0) / 4e12 + 3e-6;
    if (const std::string* factor = is("slow")) seconds *= std::strtod(factor->c_str(), nullptr);
    if (const std::string* factor = is("scattered"))
      seconds *= std::strtod(factor->c_str(), nullptr);
    seconds *= 1 + (is("noisy") ? uproar[turn] : jitter[turn]);
    const int grid = is("kernels") ? 132 + index : 132;
    process.kernels.push_back(
        {one.id, {{"fake_kernel<128>", {grid, 1, 1}, {256, 1, 1}, 64, 1024}}});
    if (kind == ProcessKind::timing) {
      process.timings.push_back({one.id,
                                 3,
                                 seconds,
                                 seconds,
                                 seconds,
                                 seconds,
                                 seconds,
                                 seconds,
                                 {seconds, seconds, seconds},
                                 {seconds}});
      continue;
    }
    if (is("nocounters")) continue;
    CaseMetrics metrics{one.id, {}};
    for (const Metric& metric : plan.metrics)
      metrics.values[metric.id] = metric.unit == Unit::ratio ? 0.5 : 2;
    if (const std::string* factor = is("scattered"))
      for (const auto& [id, power] :
           {std::pair{"gpu_time", 1}, {"ipc", -1}, {"l1_load_sectors", 1}})
        if (metrics.values.contains(id))
          metrics.values[id] *= std::pow(std::strtod(factor->c_str(), nullptr), power);
    process.metrics.push_back(std::move(metrics));
  }
  if (kind == ProcessKind::counters && asked(script, "nocounters", ""))
    process.absent.push_back({"ipc", "profiling is forbidden (ERR_NVGPUCTRPERM)"});
  return process;
}
