// SPDX-License-Identifier: Apache-2.0
#include "gate/config/starter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr std::string_view policy_head =
    R"(# What perfgate measures here. Only what differs from the installation's defaults has to be said:
# `perfgate config show` prints every value, and the file that it comes from.
schema = 1

[measure]
# perfgate gates under fixed clocks, because at free ones the same kernel is faster on a cool day.
#   "lock"     locks them at the driver's default application clocks (or at lock_sm_mhz and
#              lock_mem_mhz of perfgate/gpus/{0}.toml) while it measures, and restores them on every
#              exit, after kill -9 too. It needs root: a runner or one step that is.
#   "verify"   checks that they hold, on machines whose administrator has locked them.
#   "observe"  takes them as they are. The price: a change is seen only where it is larger than
#              what the clocks do.
clocks = "lock"
)";

constexpr std::string_view program_head = R"(
# A program is measured as it is, started anew for each process. {}
# `perfgate profile --list -- COMMAND` shows the ranges that there are.
[[program]]
)";

constexpr std::string_view suite_text = R"(
# The built-in decode layer of these models, a workload for a first look.
[suite]
models = ["llama-3.1-8b"]
batches = [1, 16]
contexts = [1024]
dtypes = ["fp16"]

# A program of this repository instead, measured as it is: leave [suite] out, and name it here.
# `perfgate profile --list -- COMMAND` shows its NVTX ranges.
# [[program]]
# name = "decode"
# command = ["python3", "benchmarks/decode.py"]
# ranges = ["decode_*/"]  # NVTX ranges, in ncu's syntax
)";

constexpr std::string_view gate_workflow =
    R"(# Measures every pull request on the GPU, judges it by the baseline of the branch that it goes to, and
# posts one comment, one check run and one commit status.
name: perfgate
on: pull_request
permissions: {{}}
jobs:
  perfgate:
    permissions: {{contents: read, pull-requests: write, checks: write, statuses: write}}
    uses: {0}/.github/workflows/gate.yml@{1}
    with:
      gpus: '["{2}"]' # ids of GPUs, each a label of a self-hosted runner, too
      perfgate: {0}
      ref: {1}
)";

constexpr std::string_view report_workflow =
    R"(# Posts the results of pull requests from forks, whose own token cannot write.
name: perfgate report
on:
  workflow_run:
    workflows: [perfgate]
    types: [completed]
permissions: {{}}
jobs:
  report:
    permissions: {{actions: read, contents: read, pull-requests: write, checks: write, statuses: write}}
    uses: {0}/.github/workflows/report.yml@{1}
    with:
      gpus: '["{2}"]'
      perfgate: {0}
      ref: {1}
)";

constexpr std::string_view refresh_workflow =
    R"(# Started by hand: measures a new baseline on the GPU, and opens a pull request with it.
name: perfgate baseline refresh
on:
  workflow_dispatch:
    inputs:
      gpu: {{description: "The GPU, by id", default: {2}, type: string}}
permissions: {{}}
jobs:
  refresh:
    permissions: {{contents: write, pull-requests: write}}
    uses: {0}/.github/workflows/refresh.yml@{1}
    with:
      gpu: ${{{{ inputs.gpu }}}}
      perfgate: {0}
      ref: {1}
)";

constexpr std::string_view history_workflow =
    R"(# Measures each push to the default branch, and adds the run to the branch `perfgate-history`: what
# `perfgate history page` draws, and what tells ten accepted changes of 0.5 %. It refreshes no baseline.
name: perfgate history
on: push
permissions: {{}}
jobs:
  history:
    if: github.ref_name == github.event.repository.default_branch
    permissions: {{contents: write}}
    uses: {0}/.github/workflows/history.yml@{1}
    with:
      gpus: '["{2}"]'
      perfgate: {0}
      ref: {1}
)";

constexpr std::string_view comment_workflow =
    R"(# `/perfgate` under a pull request, written by somebody who may push here, measures its head as it was
# when the comment was made.
name: perfgate comment
on:
  issue_comment:
    types: [created]
permissions: {{}}
jobs:
  perfgate:
    permissions: {{contents: read, pull-requests: read}}
    uses: {0}/.github/workflows/comment.yml@{1}
    with:
      gpus: '["{2}"]'
      perfgate: {0}
      ref: {1}
)";

/// Returns a TOML string; `text` has no control characters, for it is a path or a range's name.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string list_of(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) items.push_back(toml_string(text));
  return fmt::format("[{}]", join(items));
}

std::string program_text(const StarterProgram& program) {
  std::string text = fmt::format(
      program_head, program.ranges.empty()
                        ? "This one opens no NVTX range that was found, so each kernel is a case."
                        : "Its cases are the NVTX ranges that its source opens.");
  text += fmt::format("name = {}\ncommand = {}  # runs in this folder\n", toml_string(program.name),
                      list_of(program.command));
  return text + (program.ranges.empty() ? "range_source = \"kernel\"\nkernels = [\"regex:.\"]\n"
                                        : fmt::format("ranges = {}\n", list_of(program.ranges)));
}

bool is_plain(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' ||
         c == '*' || c == '.' || c == '-' || c == ' ';
}

/// Returns the filter of a literal name, "" for one that the filters' syntax would read otherwise.
std::string filter_of(std::string_view literal) {
  std::string filter;
  bool inserted = false;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const char c = literal[i];
    if (inserted) {
      inserted = c != '}';
    } else if (c == '{') {
      inserted = true;
      filter += '*';
    } else if (is_plain(c)) {
      filter += c;
    } else {
      return "";
    }
  }
  return inserted || filter.find_first_not_of("* ") == std::string::npos ? "" : filter + '/';
}

}  // namespace

std::vector<StarterFile> starter_files(const StarterFacts& facts) {
  const std::size_t at = facts.action.rfind('@');
  const std::string repository = facts.action.substr(0, at),
                    ref = at == std::string::npos ? "main" : facts.action.substr(at + 1);
  const auto workflow = [&](const char* name, std::string_view text) {
    return StarterFile{fmt::format(".github/workflows/{}", name),
                       fmt::format(fmt::runtime(text), repository, ref, facts.gpu_id)};
  };
  return {{"perfgate.toml",
           fmt::format(policy_head, facts.gpu_id) +
               (facts.program ? program_text(*facts.program) : std::string(suite_text))},
          workflow("perfgate.yml", gate_workflow),
          workflow("perfgate-report.yml", report_workflow),
          workflow("perfgate-refresh.yml", refresh_workflow),
          workflow("perfgate-history.yml", history_workflow),
          workflow("perfgate-comment.yml", comment_workflow)};
}

bool looks_like_benchmark(std::string_view file_name) {
  for (std::size_t at = file_name.find("bench"); at != std::string_view::npos;
       at = file_name.find("bench", at + 1))
    if (at == 0 || std::string_view("_-. ").find(file_name[at - 1]) != std::string_view::npos)
      return true;
  return false;
}

std::vector<std::string> nvtx_ranges_in(std::string_view text) {
  constexpr std::array<std::string_view, 4> openers{"range_push(", "nvtxRangePushA(",
                                                    "nvtxRangePush(", "annotate("};
  constexpr std::size_t most = 8, longest = 100;
  std::vector<std::string> filters;
  for (const std::string_view opener : openers)
    for (std::size_t at = text.find(opener); at != std::string_view::npos;
         at = text.find(opener, at + 1)) {
      std::string_view rest = text.substr(at + opener.size(), longest);
      if (rest.starts_with('f')) rest.remove_prefix(1);
      if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) continue;
      const std::size_t end = rest.find(rest.front(), 1);
      if (end == std::string_view::npos) continue;
      const std::string filter = filter_of(rest.substr(1, end - 1));
      if (!filter.empty() && filters.size() < most &&
          std::find(filters.begin(), filters.end(), filter) == filters.end())
        filters.push_back(filter);
    }
  return filters;
}

}  // namespace perfgate
