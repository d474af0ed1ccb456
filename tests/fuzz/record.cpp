// SPDX-License-Identifier: Apache-2.0
// A run record comes from a change's runner: it is refused with a sentence, or is written as it was
// read, judged, diagnosed and shown in every format.
#include "gate/record/record.h"

#include "gate/baseline/baseline.h"
#include "gate/report/formats.h"
#include "gate/report/make_report.h"
#include "tests/fuzz/engine/target.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"

using namespace perfgate;

const InputForm input_form = InputForm::json;
const std::size_t longest_input = 20000;

namespace {

RunRecord measured(const std::string& script, int processes) {
  RunRecord run;
  run.perfgate = "0.1.0";
  run.commit = std::string(40, 'a');
  run.created = "2025-01-02T03:04:05Z";
  run.command = "perfgate";
  run.gpu_id = "h200";
  run.gpu = h200();
  run.plan = small_plan();
  for (int i = 0; i < processes; ++i)
    run.processes.push_back(fake_process(run.plan, ProcessKind::timing, i, script));
  run.processes.push_back(fake_process(run.plan, ProcessKind::counters, processes, script));
  return run;
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const char* script : {"", "slow:*/o_proj:1.1", "kernels:*;fails:*/o_proj", "nocounters"})
    all.push_back(write_record(measured(script, 2), RawSamples::leave_out));
  RunRecord run = measured("", 2);
  run.processes[0].timelines.push_back(timeline_of(workload(llama_2_7b()), Launching::graph));
  all.push_back(write_record(run, RawSamples::keep));
  return all;
}

void try_input(std::string_view input) {
  static const Baseline baseline = make_baseline(measured("", 4));
  RunRecord run;
  if (!accepted([&] { run = read_record(input, "record.json"); })) return;
  const std::string text = write_record(run, RawSamples::keep);
  require(write_record(read_record(text, "again"), RawSamples::keep) == text);
  (void)accepted([&] {
    const Report report = make_report(run, baseline, strict_policy());
    require(report.cases.size() >= run.plan.cases.size());
    if (!is_one_in(4, input)) return;
    require(!render_text(report, {Detail::all, Color::yes, default_columns}).empty());
    require(!render_evidence(report, one_of(report.cases, input)).empty());
    require(!one_of(formats, input).render(report).empty());
  });
  (void)accepted([&] {
    if (unfit_as_base(run)) return;
    const Baseline own = make_baseline(run);
    const std::string written = write_baseline(own);
    require(write_baseline(read_baseline(written, "own.toml")) == written);
  });
}
