// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/tune.h"

#include <fmt/format.h>

#include <set>

#include "gate/measure/runner_refusal.h"
#include "gate/os/descendants.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace perfgate {

Tuning tune(const MeasureRequest& request) {
  const TemporaryDirectory folder;
  const auto in = folder.path() / "request.json", out = folder.path() / "tuned.json";
  write_file(in, write_record(request.record, RawSamples::leave_out));
  std::set<std::string> groups;
  for (const Case& planned : request.record.plan.cases) groups.insert(planned.group);
  const auto run_runner = [&] {
    const Descendants ended_with_it;
    return run_child(
        {request.build.runner.string(), "tune", "--request", in.string(), "--out", out.string()},
        {{"CUDA_VISIBLE_DEVICES", request.gpu.uuid}},
        request.timeout_s * static_cast<double>(groups.size()));
  };
  const ChildResult child = run_runner();
  pass_on_refusal(child);
  if (child.signal || child.exit_status != 0)
    throw NoVerdict(fmt::format("the runner {}: {}; no GEMM kernel was chosen", describe(child),
                                last_line(child.log)));
  try {
    Plan plan = read_record(read_foreign_file(out, longest_file_bytes), "the runner's record").plan;
    if (case_ids(plan) != case_ids(request.record.plan))
      throw UsageError("it does not hold the cases that were asked for");
    return {std::move(plan), child.log};
  } catch (const UsageError& error) {
    throw NoVerdict(fmt::format("the runner wrote no usable record: {}; no GEMM kernel was chosen",
                                printable(error.what())));
  }
}

}  // namespace perfgate
