#include "gate/report/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace perfgate {

std::size_t Report::count(Verdict verdict) const {
  return static_cast<std::size_t>(std::count_if(
      cases.begin(), cases.end(), [&](const CaseReport& one) { return one.verdict() == verdict; }));
}

std::size_t Report::failed() const {
  return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [](const auto& one) {
    return verdict_info(one.verdict()).outcome == Outcome::failed;
  }));
}

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

std::string_view source_banner(Source source) {
  switch (source) {
    case Source::replay:
      return "REPLAY of a recorded run: nothing was measured on this machine";
    case Source::saved:
      return "saved run: nothing was measured now";
    case Source::live:
      return "";
  }
  return "";
}

std::string verdict_sentence(const Report& report) {
  // Worst first; what passed is always said, the rest only when there is some.
  constexpr std::array order{Verdict::regressed,    Verdict::pass,    Verdict::improved,
                             Verdict::inconclusive, Verdict::invalid, Verdict::missing};
  std::string counts;
  for (const Verdict verdict : order) {
    const std::size_t count = report.count(verdict);
    if (count == 0 && verdict != Verdict::pass) continue;
    const std::string_view word = verdict == Verdict::pass ? "passed" : verdict_info(verdict).id;
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, word);
  }
  const std::string_view mark = report.source == Source::replay ? "REPLAY: " : "";
  const std::string place = report.source == Source::live
                                ? fmt::format("{}, {:.1f} s", report.gpu_id, report.wall_s)
                                : report.gpu_id;
  return fmt::format("perfgate: {}{}: {} ({})", mark, verdict_word(report.exit_code), counts,
                     place);
}

}  // namespace perfgate
