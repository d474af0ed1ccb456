// SPDX-License-Identifier: Apache-2.0
#include "gate/measure/chip_metrics.h"

#include <fmt/format.h>

#include "gate/measure/runner_refusal.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

std::string describe_metrics(const RunRecord& request, const std::string& chip,
                             const fs::path& runner, double timeout_s) {
  // A bare name is looked up on PATH when it is started.
  if (runner.has_parent_path() && !fs::exists(runner))
    throw NoVerdict(
        fmt::format("no runner: {} is not there, and only it knows CUPTI's chips; build it with a "
                    "CUDA toolkit, or name one with --runner",
                    runner.string()));
  const TemporaryDirectory folder;
  const fs::path in = folder.path() / "request.json", out = folder.path() / "metrics.txt";
  write_file(in, write_record(request, RawSamples::leave_out));
  const ChildResult child = run_child(
      {runner.string(), "metrics", "--chip", chip, "--request", in.string(), "--out", out.string()},
      {}, timeout_s);
  pass_on_refusal(child);  // the refusal names the chips that there are
  if (child.signal || child.exit_status != 0)
    throw NoVerdict(fmt::format("the runner {}: {}", describe(child), last_line(child.log)));
  return read_foreign_file(out, longest_file_bytes);
}

}  // namespace perfgate
