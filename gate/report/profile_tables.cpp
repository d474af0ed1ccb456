// SPDX-License-Identifier: Apache-2.0
#include "gate/report/profile_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "gate/diagnose/kernel_summary.h"
#include "gate/report/markdown_text.h"
#include "gate/report/report_columns.h"
#include "gate/util/stats.h"
#include "gate/util/text.h"
#include "gate/util/text_wrap.h"

namespace perfgate {

namespace {

constexpr std::size_t most_kernels = 40;  // rows of a timeline; the page and the trace have all
constexpr std::size_t most_stalls = 4;
constexpr double sector_bytes = 32;

using Cases = std::vector<const CaseReport*>;

std::string us_text(double seconds) {
  return fmt::format("{:.2f}", seconds * 1e6);
}

std::string percent_cell(const std::optional<double>& ratio) {
  return ratio ? fmt::format("{:.1f}", 100 * *ratio) : "-";
}

std::optional<double> value_of(const CaseReport& entry, std::string_view metric) {
  const auto pair = entry.metrics.find(std::string(metric));
  return pair == entry.metrics.end() ? std::nullopt : pair->second.head;
}

std::string launch_cell(const CaseReport& entry) {
  if (entry.launches.size() != 1) return count_of(entry.launches.size(), "kernel");
  const KernelLaunch& launch = entry.launches.front();
  return fmt::format("{}x{}x{} of {}", launch.grid[0], launch.grid[1], launch.grid[2],
                     launch.block[0] * launch.block[1] * launch.block[2]);
}

/// How far the processes lie apart, in percent.
std::string scatter_cell(const CaseReport& entry) {
  const std::vector<double>& durations_s = entry.distribution.head_s;
  return durations_s.size() < 2 ? "-" : fmt::format("{:.2f}", 100 * log_deviation(durations_s));
}

std::string megabytes_cell(const CaseReport& entry, std::string_view metric, double scale = 1) {
  const std::optional<double> value = value_of(entry, metric);
  return value ? fmt::format("{:.2f}", *value * scale * 1e-6) : "-";
}

TextTable cases_table(const Report& report, const Cases& cases) {
  TextTable table{"cases", {{"case", Align::left}, {"us"}, {"+- %"}, {"share %"}, {"MB read"}}, {}};
  for (const MetricColumn& column : metric_columns)
    table.columns.push_back({std::string(column.title)});
  table.columns.push_back({"launch", Align::left});
  const auto whole = std::find_if(cases.begin(), cases.end(),
                                  [](const CaseReport* entry) { return !entry->whole_of.empty(); });
  for (const CaseReport* entry : cases) {
    const bool shares = whole != cases.end() && (*whole)->head_s && entry->head_s;
    std::vector<std::string> row{
        entry->part, time_cell(entry->head_s), scatter_cell(*entry),
        percent_cell(shares ? std::optional(*entry->head_s / *(*whole)->head_s) : std::nullopt),
        megabytes_cell(*entry, "hbm_read")};
    for (const MetricColumn& column : metric_columns)
      row.push_back(metric_cell(report, *entry, column));
    row.push_back(launch_cell(*entry));
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// As nsys's cuda_gpu_kern_gb_sum.
TextTable summary_table(const StepTimeline& timeline, const StepSummary& summary) {
  TextTable table{fmt::format("kernels of {}", summary.of),
                  {{"time %"},
                   {"total us"},
                   {"instances"},
                   {"avg us"},
                   {"med us"},
                   {"min us"},
                   {"max us"},
                   {"launch"},
                   {"kernel", Align::left}},
                  {}};
  for (const LaunchSummary& entry : summary.launches) {
    const KernelLaunch& launch = timeline.launches[entry.launch];
    table.rows.push_back(
        {percent_cell(entry.share), us_text(entry.total_s), std::to_string(entry.instances),
         us_text(entry.mean_s()), us_text(entry.median_s), us_text(entry.min_s),
         us_text(entry.max_s),
         fmt::format("{} of {}", dimensions(launch.grid), dimensions(launch.block)), launch.name});
  }
  return table;
}

TextTable timeline_table(const StepTimeline& timeline) {
  const std::vector<KernelSpan> shown = typical_repetition(timeline);
  TextTable table{"one occurrence, of median length, as the first look saw it",
                  {{"start us"}, {"us"}, {"gap us"}, {"stream"}, {"kernel", Align::left}},
                  {}};
  double end_s = shown.front().start_s;
  for (std::size_t i = 0; i < std::min(shown.size(), most_kernels); ++i) {
    const KernelSpan& span = shown[i];
    table.rows.push_back({us_text(span.start_s - shown.front().start_s),
                          us_text(span.end_s - span.start_s), us_text(span.start_s - end_s),
                          span.stream ? std::to_string(*span.stream) : "-",
                          timeline.launches[span.launch].name});
    end_s = std::max(end_s, span.end_s);
  }
  const std::size_t all = shown.size() + static_cast<std::size_t>(timeline.not_shown);
  if (all > most_kernels)
    table.note =
        fmt::format("and {} more; --html and --trace have {}", all - most_kernels,
                    timeline.not_shown > 0 ? fmt::format("the first {}", shown.size()) : "all");
  if (timeline.launching == Launching::graph)
    table.note += std::string(table.note.empty() ? "" : "; ") +
                  "traced node by node, which lengthens a graph: its span is judged without";
  return table;
}

TextTable roofline_table(const Cases& cases) {
  TextTable table{"roofline",
                  {{"case", Align::left},
                   {"GB/s"},
                   {"HBM roof %"},
                   {"L2 %"},
                   {"SM %"},
                   {"TFLOP/s"},
                   {"FLOP/byte"},
                   {"pipe roof %"},
                   {"bound by", Align::left}},
                  {}};
  for (const CaseReport* entry : cases) {
    if (!entry->roofline) continue;
    const Roofline& roofline = *entry->roofline;
    const auto number = [](const std::optional<double>& value, double scale, int digits) {
      return value ? fmt::format("{:.{}f}", *value * scale, digits) : std::string("-");
    };
    table.rows.push_back({entry->part, number(roofline.hbm_bytes_per_s, 1e-9, 0),
                          percent_cell(roofline.hbm_share()), percent_cell(roofline.l2_share),
                          percent_cell(value_of(*entry, "sm_throughput")),
                          number(roofline.operations_per_s, 1e-12, 2),
                          number(roofline.intensity, 1, 1), percent_cell(roofline.pipe_share()),
                          roofline.bound == Bound::pipe && roofline.pipe
                              ? std::string(pipe_info(*roofline.pipe).title)
                              : std::string(bound_info(roofline.bound).id)});
  }
  return table;
}

struct MemoryColumn {
  std::string_view title, metric;
  double scale;  ///< to bytes; 0: the metric is a ratio
};
constexpr std::array<MemoryColumn, 8> memory_columns{{
    {"L1 MB", "l1_bytes", 1},
    {"L1 hit %", "l1_hit_rate", 0},
    {"L2 read MB", "l2_read_sectors", sector_bytes},
    {"L2 written MB", "l2_write_sectors", sector_bytes},
    {"L2 MB", "l2_sectors_sm", sector_bytes},
    {"L2 hit %", "l2_hit_rate", 0},
    {"HBM read MB", "hbm_read", 1},
    {"HBM written MB", "hbm_write", 1},
}};

/// The bytes of the memory chart; only columns that some case has.
TextTable memory_table(const Cases& cases) {
  TextTable table{"memory", {{"case", Align::left}}, {}};
  std::vector<MemoryColumn> shown;
  for (const MemoryColumn& column : memory_columns)
    if (std::any_of(cases.begin(), cases.end(), [&](const CaseReport* entry) {
          return value_of(*entry, column.metric).has_value();
        }))
      shown.push_back(column);
  if (shown.empty()) return table;
  for (const MemoryColumn& column : shown) table.columns.push_back({std::string(column.title)});
  for (const CaseReport* entry : cases) {
    std::vector<std::string> row{entry->part};
    for (const MemoryColumn& column : shown)
      row.push_back(column.scale == 0 ? percent_cell(value_of(*entry, column.metric))
                                      : megabytes_cell(*entry, column.metric, column.scale));
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// What the warps waited for, the longest first, in cycles for each instruction that was issued.
TextTable stall_table(const Cases& cases) {
  constexpr std::string_view prefix = "stall_";
  TextTable table{"warp cycles an instruction, and what they waited for",
                  {{"case", Align::left}, {"cycles"}, {"waits", Align::left}},
                  {}};
  for (const CaseReport* entry : cases) {
    std::vector<std::pair<double, std::string>> stalls;
    for (const auto& [id, pair] : entry->metrics)
      if (id.starts_with(prefix) && id != "stall_selected" && pair.head)
        stalls.emplace_back(*pair.head, id.substr(prefix.size()));
    if (stalls.empty()) continue;
    std::sort(stalls.rbegin(), stalls.rend());
    std::vector<std::string> words;
    for (std::size_t i = 0; i < std::min(stalls.size(), most_stalls); ++i)
      words.push_back(fmt::format("{} {:.2f}", stalls[i].second, stalls[i].first));
    const auto cycles = value_of(*entry, "warp_cycles");
    table.rows.push_back({entry->part, cycles ? fmt::format("{:.2f}", *cycles) : "-", join(words)});
  }
  return table;
}

/// The cases that were not measured, with their reason.
TextTable failed_table(const Cases& cases) {
  TextTable table{"not measured", {{"case", Align::left}, {"why", Align::left}}, {}};
  for (const CaseReport* entry : cases)
    if (entry->verdict() != Verdict::measured) table.rows.push_back({entry->part, entry->why});
  return table;
}

ProfileGroup group_of(const Report& report, const Cases& cases) {
  ProfileGroup out;
  out.title = one_line(cases.front()->group);
  std::vector<TextTable> tables{failed_table(cases), cases_table(report, cases)};
  for (const StepTimeline& timeline : report.timelines) {
    if (timeline.group != cases.front()->group) continue;
    const StepSummary summary = summarize(timeline);
    out.title += fmt::format(": {}, {} us from first to last, a kernel runs in {:.1f} % of it",
                             launching_info(timeline.launching).words, us_text(summary.span_s),
                             100 * summary.busy_s / summary.span_s);
    tables.push_back(summary_table(timeline, summary));
    tables.push_back(timeline_table(timeline));
  }
  for (TextTable (*make)(const Cases&) : {roofline_table, memory_table, stall_table})
    tables.push_back(make(cases));
  for (TextTable& table : tables)
    if (!table.rows.empty()) out.tables.push_back(std::move(table));
  return out;
}

}  // namespace

std::vector<ProfileGroup> profile_groups(const Report& report) {
  std::vector<Cases> groups;
  for (const CaseReport& entry : report.cases) {
    if (groups.empty() || groups.back().front()->group != entry.group) groups.emplace_back();
    groups.back().push_back(&entry);
  }
  std::vector<ProfileGroup> out;
  for (const Cases& cases : groups) out.push_back(group_of(report, cases));
  return out;
}

std::string profile_text(const Report& report, std::size_t columns) {
  std::string out =
      wrapped(fmt::format("run      {}", one_line(report.conditions)), columns, 9) + "\n";
  for (const ProfileGroup& group : profile_groups(report)) {
    out += "\n" + wrapped(group.title, columns) + "\n";
    for (const TextTable& table : group.tables) out += "\n" + table_text(table, columns);
  }
  out += "\n";
  for (const std::string& note : counter_notes(report)) out += wrapped(note, columns) + "\n\n";
  for (const std::string& note : report.notes)
    out += wrapped(fmt::format("note: {}", one_line(note)), columns, 6) + "\n";
  // A terminal that is too narrow for a table breaks its rows.
  return wrapped(out, columns) + one_line(verdict_sentence(report)) + "\n";
}

std::string profile_markdown(const Report& report) {
  std::string out = fmt::format("### {}\n\n", inert(verdict_sentence(report)));
  for (const std::string& note : report.notes) out += fmt::format("- {}\n", inert(note));
  if (!report.notes.empty()) out += '\n';
  for (const ProfileGroup& group : profile_groups(report)) {
    out += fmt::format("<details><summary>{}</summary>\n\n", inert(group.title));
    for (const TextTable& table : group.tables) out += table_markdown(table);
    out += "</details>\n\n";
  }
  for (const std::string& note : counter_notes(report)) out += fmt::format("{}\n\n", inert(note));
  return out + fmt::format("run: {}\n", inert(report.conditions));
}

}  // namespace perfgate
