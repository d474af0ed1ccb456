// SPDX-License-Identifier: Apache-2.0
#include "gate/report/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/diagnose/diagnosis.h"
#include "gate/util/text.h"

namespace perfgate {

bool has_uncommitted(const Report& report) {
  return report.commit.ends_with("-dirty");
}

void note_uncommitted(Report& report) {
  if (!has_uncommitted(report)) return;
  std::string note = fmt::format(
      "the work tree had changes that commit {} does not have: what was measured is not that "
      "commit alone",
      one_line(report.commit.substr(0, std::min<std::size_t>(report.commit.find('-'), 12))));
  if (std::find(report.notes.begin(), report.notes.end(), note) == report.notes.end())
    report.notes.push_back(std::move(note));
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

std::string_view headword(const Report& report) {
  if (report.origin == Origin::profile && report.exit_code == ExitCode::pass) return "PROFILE";
  return verdict_word(report.exit_code);
}

namespace {

struct Counted {
  std::size_t count;
  std::string_view word;
};

/// The two numbers that a reader looks for come first; the passed count is there even when it is 0,
/// unless nothing could pass.
std::vector<Counted> counts_of(const Report& report) {
  std::vector<Counted> counts;
  const auto add = [&](Verdict verdict) {
    const std::size_t count = report.count(verdict);
    if (count == 0 && (verdict != Verdict::pass || report.origin == Origin::profile)) return;
    counts.push_back({count, verdict == Verdict::pass ? "passed" : verdict_info(verdict).id});
  };
  add(Verdict::regressed);
  add(Verdict::pass);
  for (const Verdict verdict : verdicts_by_order())
    if (verdict != Verdict::regressed && verdict != Verdict::pass) add(verdict);
  return counts;
}

std::string with_counts(const std::vector<Counted>& counts, std::string_view begin,
                        std::string_view end) {
  std::string text(begin);
  for (std::size_t i = 0; i < counts.size(); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", counts[i].count, counts[i].word);
  return text.append(end);
}

}  // namespace

std::string verdict_sentence(const Report& report) {
  constexpr std::size_t longest = 100, always_shown = 2;
  const std::string begin = fmt::format(
      "perfgate: {}{}: ", report.origin == Origin::replay ? "REPLAY: " : "", headword(report));
  const std::string end = report.origin == Origin::live || report.origin == Origin::profile
                              ? fmt::format(" ({}, {:.1f} s)", report.gpu_id, report.wall_s)
                              : fmt::format(" ({})", report.gpu_id);
  std::vector<Counted> counts = counts_of(report);
  std::string text = with_counts(counts, begin, end);
  while (text.size() > longest && counts.size() > always_shown + 1) {
    const std::size_t last = counts.back().count;
    counts.pop_back();
    counts.back() = {counts.back().count + last, "others"};
    text = with_counts(counts, begin, end);
  }
  return text;
}

bool names_cause(const CaseReport& entry) {
  if (!entry.change || entry.cause == Cause::none) return false;
  return entry.cause != Cause::unknown || entry.reason == Reason::slower ||
         entry.reason == Reason::faster;
}

std::string headline(const CaseReport& entry) {
  if (names_cause(entry)) return std::string(cause_title(entry.cause, entry.change));
  return std::string(reason_info(entry.reason).title);
}

std::string machine_code_words(const CaseReport& entry) {
  return entry.machine_code.empty() ? "" : fmt::format("machine code of {}", entry.machine_code);
}

std::string full_reason(const CaseReport& entry) {
  if (!names_cause(entry)) {
    const std::string_view title = reason_info(entry.reason).title;
    return entry.why.starts_with(title) ? entry.why : fmt::format("{}: {}", title, entry.why);
  }
  std::string text = fmt::format("{}: {}. {}", headline(entry), entry.explanation, entry.why);
  if (!entry.machine_code.empty()) text += fmt::format(". {}", machine_code_words(entry));
  return text;
}

std::vector<const CaseReport*> worst_first(const Report& report) {
  std::vector<const CaseReport*> out;
  for (const Verdict verdict : verdicts_by_order())
    for (const CaseReport& found : report.cases)
      if (found.verdict() == verdict) out.push_back(&found);
  return out;
}

}  // namespace perfgate
