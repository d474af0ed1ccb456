// SPDX-License-Identifier: Apache-2.0
#include "gate/report/qualify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gate/report/report_columns.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"
#include "gate/util/text_table.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

struct FindingInfo {
  Finding finding;
  std::string_view id;
  bool counts_against;  ///< whether the finding disqualifies the machine
};
constexpr std::array<FindingInfo, 7> findings{{
    {Finding::quiet, "quiet", false},
    {Finding::alarm, "FALSE ALARM", true},
    {Finding::found, "found", false},
    {Finding::missed, "MISSED", true},
    {Finding::too_small, "too small", false},
    {Finding::no_verdict, "NO VERDICT", true},
    {Finding::touched, "touched", false},
}};

const FindingInfo& info_of(Finding finding) {
  return *std::find_if(findings.begin(), findings.end(),
                       [&](const FindingInfo& info) { return info.finding == finding; });
}

std::size_t count(const Report& report, const Planted& planted, Finding finding) {
  return static_cast<std::size_t>(std::count_if(
      report.cases.begin(), report.cases.end(),
      [&](const CaseReport& entry) { return finding_of(entry, planted) == finding; }));
}

bool is_planted(const CaseReport& entry, const Planted& planted) {
  return std::find(planted.parts.begin(), planted.parts.end(), entry.part) != planted.parts.end();
}

/// Whether the case is made of others and one of them is planted.
bool holds_planted(const CaseReport& entry, const Planted& planted) {
  return std::any_of(planted.parts.begin(), planted.parts.end(), [&](const std::string& part) {
    return std::find(entry.whole_of.begin(), entry.whole_of.end(), case_id(entry.group, part)) !=
           entry.whole_of.end();
  });
}

/// What the sentence leaves out: how large a slowdown was planted, and what could be seen.
std::string sight(const Report& report, const Planted& planted) {
  std::vector<double> detectable;
  for (const CaseReport& entry : report.cases)
    if (entry.change) detectable.push_back(entry.change->detectable);
  std::string text;
  if (!planted.parts.empty())
    text += fmt::format("planted: {:.1f} %, {} too small to ask for\n", 100 * planted.ratio,
                        count_of(count(report, planted, Finding::too_small), "case"));
  if (!detectable.empty())
    text += fmt::format("detectable effect: median {:.2f} %, worst {:.2f} %\n",
                        100 * median(detectable), 100 * quantile(detectable, 1));
  return text;
}

std::string sentence(const Report& report, const Planted& planted) {
  std::string text =
      fmt::format("perfgate: {}: {} false alarms in {}",
                  qualified(report, planted) ? "QUALIFIED" : "NOT QUALIFIED",
                  count(report, planted, Finding::alarm), count_of(report.cases.size(), "case"));
  if (const std::size_t lost = count(report, planted, Finding::no_verdict))
    text += fmt::format(", {} without a verdict", lost);
  if (!planted.parts.empty())
    text += fmt::format(
        ", {} of {} planted slowdowns found", count(report, planted, Finding::found),
        count(report, planted, Finding::found) + count(report, planted, Finding::missed));
  return text + fmt::format(" ({}, {:.1f} s)\n", report.gpu_id, report.wall_s);
}

TextTable cases_table(const Report& report, const Planted& planted) {
  TextTable table{"",
                  {{"case", Align::left},
                   {"us"},
                   {"change %"},
                   {"threshold %"},
                   {"detectable %"},
                   {"rounds"},
                   {"finding", Align::left}},
                  {}};
  table.of_cases = true;
  for (const CaseReport& entry : report.cases) {
    const auto cell = [&](double Change::*field) {
      if (!entry.change) return std::string("-");
      std::string text = fmt::format("{:.2f}", 100 * (*entry.change).*field);
      return text == "-0.00" ? "0.00" : text;
    };
    table.rows.push_back({entry.id, time_cell(entry.head_s), cell(&Change::effect),
                          fmt::format("{:.2f}", 100 * entry.threshold), cell(&Change::detectable),
                          fmt::to_string(entry.rounds),
                          std::string(finding_id(finding_of(entry, planted)))});
  }
  return table;
}

}  // namespace

std::string_view finding_id(Finding finding) {
  return info_of(finding).id;
}

Finding finding_of(const CaseReport& entry, const Planted& planted) {
  if (!entry.change || verdict_info(entry.verdict()).outcome == Outcome::failed)
    return Finding::no_verdict;
  const bool called = entry.verdict() == Verdict::regressed;
  if (is_planted(entry, planted)) {
    if (called) return Finding::found;
    const double asked = std::max(entry.threshold, entry.change->detectable);
    return planted.ratio > asked ? Finding::missed : Finding::too_small;
  }
  if (holds_planted(entry, planted)) return Finding::touched;
  return called ? Finding::alarm : Finding::quiet;
}

bool qualified(const Report& report, const Planted& planted) {
  return !report.cases.empty() &&
         std::none_of(report.cases.begin(), report.cases.end(), [&](const CaseReport& entry) {
           return info_of(finding_of(entry, planted)).counts_against;
         });
}

std::string render_qualification(const Report& report, const Planted& planted,
                                 std::size_t columns) {
  std::string out = fmt::format(
      "{}\n{}\n\n", wrapped(fmt::format("run      {}", one_line(report.conditions)), columns, 9),
      wrapped(fmt::format("against  {}", one_line(report.against)), columns, 9));
  out += table_text(cases_table(report, planted), columns) + "\n";
  for (const std::string& note : report.notes)
    out += wrapped(fmt::format("note: {}", one_line(note)), columns, 6) + "\n";
  // Programs read the last line, so it is never broken.
  return wrapped(out + sight(report, planted), columns) + sentence(report, planted);
}

}  // namespace perfgate
