// SPDX-License-Identifier: Apache-2.0
#include "gate/cli/code_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gate/diagnose/machine_code.h"
#include "gate/os/files.h"
#include "gate/os/process.h"
#include "gate/util/error.h"
#include "gate/util/text.h"

namespace fs = std::filesystem;

namespace perfgate {

namespace {

constexpr double disassembling_timeout_s = 20;

/// Returns what the toolkit's disassembler prints; nothing where it is not there, or cannot read
/// the file: the verdict stands without it.
std::optional<std::string> cuobjdump(const std::vector<std::string>& arguments) {
  try {
    const TemporaryDirectory folder;
    const fs::path out = folder.path() / "out";
    // A toolkit has a place of its own, which PATH need not name.
    std::vector<std::string> command{
        "/bin/sh", "-c", "PATH=$PATH:/usr/local/cuda/bin; exec cuobjdump \"$@\" >\"$0\"",
        out.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const ChildResult child = run_child(command, {}, disassembling_timeout_s);
    if (child.exit_status == 0 && child.signal == 0) return read_file(out);
  } catch (const UsageError&) {  // no room for a listing
  } catch (const NoVerdict&) {   // no child could be started
  }
  return std::nullopt;
}

/// Returns these kernels' code in a build. All of a build would take the disassembler many seconds,
/// so it is told which functions are wanted.
std::optional<std::vector<MachineCode>> disassembled(const fs::path& runner,
                                                     const std::vector<std::string>& kernels) {
  const std::string file = fs::absolute(runner).string();
  const auto functions = cuobjdump({"-res-usage", file});
  if (!functions) return std::nullopt;
  const std::vector<std::string> names = functions_of(*functions, kernels);
  if (names.empty()) return std::vector<MachineCode>{};
  const auto listing = cuobjdump({"-sass", "-fun", join(names, ","), file});
  if (!listing) return std::nullopt;
  return read_listing(*listing, kernels);
}

const KernelLaunch* launch_of(const std::vector<KernelLaunch>& launches, std::string_view kernel) {
  const auto found =
      std::find_if(launches.begin(), launches.end(),
                   [&](const KernelLaunch& launch) { return launch.name == kernel; });
  return found == launches.end() ? nullptr : &*found;
}

/// Returns the regressed case's kernels that both builds launch, each once; those of the same code
/// are left out.
std::vector<std::string> kernels_of_both(const CaseReport& entry) {
  std::vector<std::string> kernels;
  if (entry.verdict() != Verdict::regressed) return kernels;
  for (const KernelLaunch& launch : entry.launches) {
    const KernelLaunch* base = launch_of(entry.base_launches, launch.name);
    const bool same = base && !base->code.empty() && base->code == launch.code;
    if (base && !same && std::find(kernels.begin(), kernels.end(), launch.name) == kernels.end())
      kernels.push_back(launch.name);
  }
  return kernels;
}

/// The differences of kernels that several cases launch are printed once.
struct KernelDifference {
  std::string kernel, text;
  std::vector<std::string> cases;
};

std::string printed(const std::vector<KernelDifference>& differences) {
  std::string out;
  for (const KernelDifference& difference : differences)
    out += fmt::format("{}# in {}\n{}", out.empty() ? "" : "\n", printable(join(difference.cases)),
                       difference.text);
  return out.empty() ? "# no case regressed with other machine code\n" : out;
}

}  // namespace

void add_code_diff(CommandParser& parser, std::optional<std::string>& file) {
  parser.output("--code-diff FILE", file,
                "write how the machine code of what regressed differs from the base build's");
}

std::string compare_code(Report& report, const fs::path& base_runner, const fs::path& head_runner) {
  std::vector<std::string> kernels;
  for (const CaseReport& entry : report.cases)
    for (std::string& kernel : kernels_of_both(entry)) kernels.push_back(std::move(kernel));
  std::vector<KernelDifference> differences;
  if (kernels.empty()) return printed(differences);
  const auto base_codes = disassembled(base_runner, kernels);
  const auto head_codes = base_codes ? disassembled(head_runner, kernels) : std::nullopt;
  if (!head_codes) return "# the toolkit's cuobjdump is not here, or cannot read the two builds\n";
  for (CaseReport& entry : report.cases)
    for (const std::string& kernel : kernels_of_both(entry)) {
      const MachineCode* base = code_for(*base_codes, kernel, report.compute_capability);
      const MachineCode* head = code_for(*head_codes, kernel, report.compute_capability);
      if (!base || !head) continue;
      const std::string line = code_difference({*launch_of(entry.base_launches, kernel),
                                                *launch_of(entry.launches, kernel), *base, *head});
      if (line.empty()) continue;
      if (entry.machine_code.empty()) entry.machine_code = line;
      auto known = std::find_if(differences.begin(), differences.end(),
                                [&](const KernelDifference& one) { return one.kernel == kernel; });
      if (known == differences.end())
        known = differences.insert(known, {kernel, listing_difference(*base, *head), {}});
      known->cases.push_back(entry.id);
    }
  return printed(differences);
}

}  // namespace perfgate
