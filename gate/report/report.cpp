// SPDX-License-Identifier: Apache-2.0
#include "gate/report/report.h"

#include <fmt/format.h>

namespace perfgate {

std::string_view verdict_word(ExitCode code) {
  switch (code) {
    case ExitCode::pass:
      return "PASS";
    case ExitCode::regressed:
      return "FAIL";
    default:
      return "NO VERDICT";
  }
}

std::string verdict_sentence(const Report& report) {
  // The two numbers that a reader looks for come first; the passed count is printed even when it is
  // 0.
  std::string counts;
  const auto add = [&](Verdict verdict) {
    const std::size_t count = report.count(verdict);
    if (count == 0 && verdict != Verdict::pass) return;
    const std::string_view word = verdict == Verdict::pass ? "passed" : verdict_info(verdict).id;
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, word);
  };
  add(Verdict::regressed);
  add(Verdict::pass);
  for (const Verdict verdict : verdicts_by_order())
    if (verdict != Verdict::regressed && verdict != Verdict::pass) add(verdict);
  const std::string_view mark = report.origin == Origin::replay ? "REPLAY: " : "";
  const std::string place = report.origin == Origin::live
                                ? fmt::format("{}, {:.1f} s", report.gpu_id, report.wall_s)
                                : report.gpu_id;
  return fmt::format("perfgate: {}{}: {} ({})", mark, verdict_word(report.exit_code), counts,
                     place);
}

std::vector<const CaseReport*> worst_first(const Report& report) {
  std::vector<const CaseReport*> out;
  for (const Verdict verdict : verdicts_by_order())
    for (const CaseReport& found : report.cases)
      if (found.verdict() == verdict) out.push_back(&found);
  return out;
}

}  // namespace perfgate
