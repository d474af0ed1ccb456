// SPDX-License-Identifier: Apache-2.0
#include "gate/github/workflow_commands.h"

#include <fmt/format.h>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::size_t most_of_a_kind = 10;
constexpr std::size_t longest_message = 1000;  // bytes; the runner takes 4096 characters

/// The order matters: a percent sign that we write must not be escaped again.
std::string escaped(std::string_view text, std::string_view also = "") {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || also.find(c) != std::string_view::npos)
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

std::string command(std::string_view kind, std::string_view title, std::string_view message,
                    const std::optional<SourcePlace>& place = std::nullopt) {
  // Old runners look for "##[command]" anywhere in a line.
  std::string text = clipped(one_line(message), longest_message);
  for (std::size_t found = 0; (found = text.find("##[", found)) != std::string::npos;)
    text.replace(found, 2, "??");
  const std::string at =
      place ? fmt::format("file={},line={},", escaped(one_line(place->file), ":,"), place->line)
            : "";
  return fmt::format("::{} {}title={}::{}\n", kind, at, escaped(title, ":,"), escaped(text));
}

std::string annotations_of(const Report& report, Annotation annotation, std::string_view kind) {
  std::vector<const CaseReport*> cases = worst_first(report);
  std::erase_if(cases, [&](const CaseReport* found) {
    return verdict_info(found->verdict()).annotation != annotation;
  });
  const std::size_t shown = cases.size() > most_of_a_kind ? most_of_a_kind - 1 : cases.size();
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    const CaseReport& one = *cases[i];
    out += command(kind, fmt::format("perfgate: {}", verdict_info(one.verdict()).id),
                   fmt::format("{}: {}", one.id, full_reason(one)), one.place);
  }
  if (shown < cases.size())
    out += command(kind, "perfgate",
                   fmt::format("and {} more; the report has them all", cases.size() - shown));
  return out;
}

/// Returns one `name=value` line; a value can't begin a line of its own.
std::string output(std::string_view name, std::string_view value) {
  return fmt::format("{}={}\n", name, one_line(value));
}

}  // namespace

std::string fenced(std::string_view text, std::string_view token) {
  return fmt::format("::stop-commands::{}\n{}{}::{}::\n", token, text,
                     text.empty() || text.ends_with('\n') ? "" : "\n", token);
}

std::string annotation_commands(const Report& report) {
  return annotations_of(report, Annotation::error, "error") +
         annotations_of(report, Annotation::warning, "warning");
}

std::string step_outputs(const Report& report,
                         const std::vector<std::pair<std::string, std::string>>& paths) {
  std::string out = output("verdict", verdict_word(report.exit_code));
  out += output("exit_code", fmt::format("{}", static_cast<int>(report.exit_code)));
  out += output("sentence", verdict_sentence(report));
  out += output("gpu", report.gpu_id);
  out += output("cases", fmt::format("{}", report.cases.size()));
  for (const VerdictInfo& info : verdicts)
    // A step judges: it has no case that is only measured.
    if (info.verdict != Verdict::measured)
      out += output(info.verdict == Verdict::pass ? "passed" : info.id,
                    fmt::format("{}", report.count(info.verdict)));
  for (const auto& [name, path] : paths) out += output(name, path);
  return out;
}

}  // namespace perfgate
