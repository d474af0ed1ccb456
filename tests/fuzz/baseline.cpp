// SPDX-License-Identifier: Apache-2.0
// A change edits the baseline: it is refused with a sentence, or is written as it was read, and a
// run is judged by it. The checksum is left out, as in files of older versions.
#include "gate/baseline/baseline.h"

#include "gate/baseline/baseline_merge.h"
#include "gate/baseline/baseline_text.h"
#include "gate/report/make_report.h"
#include "gate/report/render.h"
#include "tests/fuzz/engine/target.h"
#include "tests/support/support.h"

using namespace perfgate;

const InputForm input_form = InputForm::lines;
const std::size_t longest_input = 8000;

namespace {

std::string without_checksum(std::string text) {
  const std::size_t begin = text.find("checksum = ");
  if (begin != std::string::npos) text.erase(begin, text.find('\n', begin) + 1 - begin);
  return text;
}

const RunRecord& run() {
  static const RunRecord made = run_of(small_plan(), {around(10), around(5)});
  return made;
}

}  // namespace

std::vector<std::string> seeds() {
  const Baseline small = make_baseline(run());
  Baseline accepted_one = small;
  accept_changes(accepted_one, small, {{case_of("o_proj"), "more work"}}, "2025-01-02T03:04:05Z");
  // Of the shipped file the head with its sessions and the first cases.
  return {without_checksum(write_baseline(small)), without_checksum(write_baseline(accepted_one)),
          without_checksum(source_file("baselines/h100.toml")).substr(0, 6000)};
}

void try_input(std::string_view input) {
  Baseline baseline;
  if (!accepted([&] { baseline = read_baseline(input, "h200.toml"); })) return;
  const std::string text = write_baseline(baseline);
  require(write_baseline(read_baseline(text, "again")) == text);
  for (const std::size_t columns : {40UL, 100UL})
    require(!render_baseline(baseline, "h200.toml", columns).empty());
  const Baseline own = make_baseline(run());
  (void)diff_conditions(baseline, own);
  (void)diff_baselines(baseline, own);
  require(diff_baselines(baseline, baseline).size() == baseline.cases.size());
  (void)accepted([&] {
    if (!cannot_join(baseline, own)) (void)write_baseline(add_sessions(baseline, own));
    (void)write_baseline(replace_cases(baseline, own, {case_of("o_proj")}));
  });
  (void)accepted([&] {
    const Report report = make_report(run(), baseline, strict_policy());
    require(!render_text(report, {}).empty() && !render_json(report).empty());
  });
}
