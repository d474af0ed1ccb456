// SPDX-License-Identifier: Apache-2.0
#include "gate/github/comment_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "gate/report/markdown_text.h"
#include "gate/report/report_columns.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t longest_line = 500;  // bytes of a foreign line before it is made inert
constexpr std::size_t charted = 10;        // bars; more would not be read

std::string foreign_line(std::string_view text) {
  return inert(clipped(one_line(text), longest_line));
}

/// Builds a text from rows until `bytes` are used up.
class Rows {
 public:
  Rows(std::string head, std::size_t bytes) : m_text(std::move(head)), m_bytes(bytes) {}

  /// Returns false when the row does not fit; then add no further rows.
  bool add(const std::string& row) {
    if (m_text.size() + row.size() > m_bytes) return false;
    m_text += row;
    return true;
  }
  std::string take() { return std::move(m_text); }

 private:
  std::string m_text;
  std::size_t m_bytes;
};

/// The note that stands in place of dropped rows. note_room is enough for any count.
std::string dropped_note(std::size_t count, std::string_view what) {
  return fmt::format("\n… and {} more {}; the text was too long for GitHub.\n", count, what);
}
constexpr std::size_t note_room = 120;

/// Returns `head`, then as many of the rows as fit into `bytes` together with the note on the
/// others; "" when not even one row fits.
template <class Cases, class MakeRow>
std::string rows_within(std::string head, const Cases& cases, std::size_t bytes,
                        std::string_view what, MakeRow make_row) {
  if (bytes < note_room) return "";
  Rows rows(std::move(head), bytes - note_room);
  std::size_t shown = 0;
  for (const auto& one : cases) {
    if (!rows.add(make_row(one))) break;
    ++shown;
  }
  if (shown == 0) return "";
  std::string text = rows.take();
  if (shown < cases.size()) text += dropped_note(cases.size() - shown, what);
  return text;
}

std::string noteworthy_table(const std::vector<RowGroup>& rows, std::size_t bytes) {
  if (rows.empty()) return "";
  std::string text = rows_within(rows_head(), rows, bytes, "rows that did not pass", row_of);
  if (!text.empty()) text += '\n';
  return text;
}

/// Returns the sentences of the rows, folded where they would push the rest off the screen.
std::string sentences(const std::vector<RowGroup>& rows, std::size_t bytes) {
  constexpr std::size_t most_open = 5;
  const std::string head =
      fmt::format("<details{}><summary>Why</summary>\n\n", rows.size() <= most_open ? " open" : "");
  const std::string tail = "\n</details>\n\n";
  if (rows.empty() || bytes < head.size() + tail.size()) return "";
  const std::string list =
      rows_within("", rows, bytes - head.size() - tail.size(), "reasons", why_of);
  return list.empty() ? "" : head + list + tail;
}

std::string all_table(const Report& report, std::size_t bytes) {
  const std::string notes = table_notes(report);
  if (bytes < notes.size()) return "";
  const std::string table =
      rows_within(table_head(), report.cases, bytes - notes.size(), "cases",
                  [&](const CaseReport& one) { return table_row(report, one); });
  return table.empty() ? "" : table + notes;
}

std::string folded_table(const Report& report, std::size_t bytes) {
  const std::string head = all_cases_fold(report);
  const std::string tail = "\n</details>\n\n";
  if (bytes < head.size() + tail.size()) return "";
  const std::string table = all_table(report, bytes - head.size() - tail.size());
  return table.empty() ? "" : head + table + tail;
}

/// Returns a case's id as a label inside a diagram. Mermaid has no escapes, so characters that are
/// not plain become '?'. A long id keeps its end, because that names the part.
std::string label_of(std::string_view id) {
  constexpr std::size_t longest = 48;
  std::string out;
  for (const char c : one_line(id)) {
    const bool plain = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') ||
                       std::string_view("/._-").find(c) != std::string_view::npos;
    out += plain ? c : '?';
  }
  return out.size() <= longest ? out : ".." + out.substr(out.size() - longest + 2);
}

/// Colours of GitHub's own marks, which can be told apart on light and on dark.
struct BarColor {
  Verdict verdict;
  std::string_view color;
};
constexpr std::array<BarColor, 4> bar_colors{{
    {Verdict::regressed, "#cf222e"},
    {Verdict::improved, "#1f883d"},
    {Verdict::pass, "#818b98"},
    {Verdict::inconclusive, "#bf8700"},  // and all others
}};

const BarColor& color_of(const CaseReport& entry) {
  for (const BarColor& color : bar_colors)
    if (color.verdict == entry.verdict()) return color;
  return bar_colors.back();
}

double percent_of(const CaseReport& entry) {
  return std::clamp(100 * entry.change->effect, -100.0, 1e6);
}

/// The largest changes as a Mermaid diagram, which GitHub draws; "" without any change.
std::string chart(const Report& report) {
  std::vector<const CaseReport*> cases;
  for (const CaseReport& one : report.cases)
    if (one.change && std::isfinite(one.change->effect)) cases.push_back(&one);
  if (cases.empty()) return "";
  std::stable_sort(cases.begin(), cases.end(), [](const auto* a, const auto* b) {
    const auto rank = [](const auto* one) {
      return std::pair(one->verdict() == Verdict::regressed, std::abs(one->change->effect));
    };
    return rank(a) > rank(b);
  });
  if (cases.size() > charted) cases.resize(charted);
  std::string labels, colors, series;
  double low = -1, high = 1;  // percent; an axis of no length can't be drawn
  for (const CaseReport* one : cases) {
    const double percent = percent_of(*one);
    low = std::min(low, std::floor(percent));
    high = std::max(high, std::ceil(percent));
    labels += fmt::format("{}\"{}\"", labels.empty() ? "" : ", ", label_of(one->id));
  }
  // A series has one colour, so each verdict is a series, which is 0 where a case has another.
  for (const BarColor& color : bar_colors) {
    const auto has = [&](const CaseReport* one) { return color_of(*one).color == color.color; };
    if (std::none_of(cases.begin(), cases.end(), has)) continue;
    colors += fmt::format("{}{}", colors.empty() ? "" : ", ", color.color);
    std::string bars;
    for (const CaseReport* one : cases)
      bars += fmt::format("{}{:.1f}", bars.empty() ? "" : ", ", has(one) ? percent_of(*one) : 0.0);
    series += fmt::format("  bar [{}]\n", bars);
  }
  return fmt::format(
      "```mermaid\n%%{{init: {{\"themeVariables\": {{\"xyChart\": {{\"plotColorPalette\": "
      "\"{}\"}}}}}}}}%%\nxychart-beta horizontal\n"
      "  title \"largest changes of the duration, %\"\n"
      "  x-axis [{}]\n  y-axis \"%\" {:.0f} --> {:.0f}\n{}```\n\n",
      colors, labels, low, high, series);
}

std::string link(std::string_view title, const std::string& url) {
  return is_linkable(url) ? fmt::format("[{}]({})", title, url) : "";
}

/// The part that is never dropped: it comes last, and its room is kept free from the beginning.
std::string foot(const Report& report, const Links& links) {
  std::string out = fmt::format("run: {}  \nbaseline: {}\n", foreign_line(report.conditions),
                                foreign_line(report.against));
  const std::string artifact = link("full report", links.artifact);
  const std::string run = link("workflow run", links.run);
  if (!artifact.empty() || !run.empty())
    out += fmt::format("\n{}{}{}\n", artifact, artifact.empty() || run.empty() ? "" : " · ", run);
  return out;
}

std::string notes(const Report& report, std::size_t bytes) {
  if (report.notes.empty()) return "";
  std::string text = rows_within("", report.notes, bytes, "notes", [](const std::string& note) {
    return fmt::format("- {}\n", foreign_line(note));
  });
  if (!text.empty()) text += '\n';
  return text;
}

std::size_t left(std::size_t bytes, std::size_t used) {
  return bytes > used ? bytes - used : 0;
}

}  // namespace

bool is_linkable(std::string_view url) {
  constexpr std::size_t longest = 2000;
  return (url.starts_with("https://") || url.starts_with("http://")) && url.size() <= longest &&
         std::all_of(url.begin(), url.end(), [](char c) {
           return c > ' ' && c <= '~' &&
                  std::string_view("<>()[]\"'`\\|").find(c) == std::string_view::npos;
         });
}

std::string short_sentence(const Report& report) {
  std::string sentence = one_line(verdict_sentence(report));
  if (constexpr std::string_view name = "perfgate: "; sentence.starts_with(name))
    sentence.erase(0, name.size());
  if (has_uncommitted(report)) sentence += ", with uncommitted changes";
  return sentence;
}

std::string github_body(const Report& report, const Links& links, std::size_t bytes,
                        Extent extent) {
  std::string head = fmt::format("### {}\n\n", foreign_line(verdict_sentence(report)));
  if (const auto banner = origin_info(report.origin).banner; !banner.empty())
    head += fmt::format("> **{}**\n\n", banner);
  const std::string end = foot(report, links);
  // Room is given out in the order of importance, which is not the order on the page.
  std::size_t room = left(bytes, head.size() + end.size());
  const std::vector<RowGroup> rows = noteworthy_rows(report);
  const std::string worst = noteworthy_table(rows, room);
  room = left(room, worst.size());
  const std::string why = sentences(rows, room / 2);
  room = left(room, why.size());
  const std::string said = notes(report, room / 2);
  room = left(room, said.size());
  std::string drawn = chart(report);
  if (drawn.size() > room) drawn.clear();
  room = left(room, drawn.size());
  const std::string all = extent == Extent::whole ? folded_table(report, room) : "";
  return head + worst + why + said + drawn + all + end;
}

std::string github_table(const Report& report, std::size_t bytes) {
  return all_table(report, bytes);
}

}  // namespace perfgate
