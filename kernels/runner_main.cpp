// SPDX-License-Identifier: Apache-2.0
// perfgate-runner makes one measurement in one process, then exits. The gate starts it;
// docs/formats.md describes request and record. However it ends, the gate goes on and reports it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>

#include "gate/decode/decode_source.h"
#include "gate/os/files.h"
#include "gate/record/record.h"
#include "gate/util/error.h"
#include "gate/util/exit_code.h"
#include "gate/util/id_table.h"
#include "kernels/collect/chip_metrics.h"
#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/device_arena.h"
#include "kernels/cuda/device_info.h"
#include "kernels/cuda/phases.h"
#include "kernels/cuda/stream.h"
#include "kernels/cupti/chips.h"
#include "kernels/decode/bench.h"
#include "kernels/decode/counting.h"
#include "kernels/decode/layer_gaps.h"
#include "kernels/decode/timing.h"
#include "kernels/decode/tune.h"
#include "kernels/decode/variant_plans.h"
#include "kernels/decode/workload_cases.h"
#include "kernels/sentinels/memory_beat.h"
#include "kernels/sentinels/roofs.h"

namespace {

using namespace perfgate;

RunRecord read_request(const std::string& file) {
  return read_record(read_file(file), file);
}

/// The plan of a request; `dither_us` replaces its longest random wait.
DecodePlan plan_of(const RunRecord& record, const std::optional<double>& dither_us) {
  DecodePlan plan = decode_plan(record.plan);
  if (dither_us) plan.dither_s = *dither_us * 1e-6;
  return plan;
}

void measure(const std::string& kind, const std::string& request, const std::string& out,
             const std::optional<double>& dither_us, const TimingOptions& options) {
  Phases phases("context");
  RunRecord record = read_request(request);
  switch (find_by_id(process_kinds, kind)->kind) {
    case ProcessKind::timing: {
      // This precedes any context: with eager loading, creating a context loads everything.
      const Modules modules;
      record.gpu = device_fingerprint();
      record.processes = {
          time_plan(plan_of(record, dither_us), *record.gpu, modules, phases, options)};
      break;
    }
    case ProcessKind::counters:
      record.gpu = device_fingerprint();
      record.processes = {count_plan(plan_of(record, dither_us), *record.gpu, phases)};
      break;
    case ProcessKind::sentinels:
      record.gpu = device_fingerprint();
      record.processes = {sentinels_alone(*record.gpu, phases)};
      break;
  }
  record.processes.front().phases_s = phases.seconds();
  write_file(out, write_record(record, RawSamples::keep));
}

/// Prints one line per check; returns whether all passed.
bool check_once(const DecodePlan& plan, int layers, std::string_view variant) {
  bool passed = true;
  const ProcessRecord found = check_plan(plan, device_fingerprint(), layers);
  for (const CaseCheck& one : found.checks) {
    fmt::print("{:<4} {:<44} error {} limit {:.0e} over {} outputs{}\n", one.passed ? "ok" : "BAD",
               one.case_id, one.error ? fmt::format("{:.2e}", *one.error) : "NaN     ", one.limit,
               one.elements, variant);
    passed = passed && one.passed;
  }
  for (const CaseFailure& one : found.failures) {
    fmt::print("BAD  {:<44} {}{}\n", one.case_id, one.why, variant);
    passed = false;
  }
  return passed;
}

/// Puts `tokens` in the place of every workload's batch; 0 leaves them.
DecodePlan with_tokens(DecodePlan plan, int tokens) {
  for (PlannedWorkload& planned : plan.workloads)
    if (tokens > 0) planned.workload.batch = tokens;
  return plan;
}

/// Returns 1 when a check failed. With `variants`, each of our own GEMM kernels in turn computes
/// every GEMM that it takes.
int check(const std::string& request, int tokens, int layers, bool variants) {
  const DecodePlan plan = with_tokens(decode_plan(read_request(request).plan), tokens);
  if (!variants) return check_once(plan, layers, "") ? 0 : 1;
  bool passed = true;
  for (const VariantPlan& one : variant_plans(plan))
    passed = check_once(one.plan, layers, fmt::format(", {}", one.variant)) && passed;
  return passed ? 0 : 1;
}

/// Runs plain decode steps without any profiler of ours, for nsys and ncu: the NVTX ranges are
/// decode_<step>_<layer> and the stages' ids.
void run_steps(const std::string& request, int steps) {
  const DecodePlan plan = decode_plan(read_request(request).plan);
  const GpuFingerprint gpu = device_fingerprint();
  const Stream stream;
  for (const PlannedWorkload& planned : plan.workloads) {
    DecodeStep step = make_step(planned.workload, plan, gpu, stream.get());
    for (int i = 0; i < steps; ++i) step.run(i);
    perfgate::check(cudaStreamSynchronize(stream.get()), "cudaStreamSynchronize");
  }
}

/// Prints one line per workload; returns 1 when more than 5 % of a layer's span stays unexplained.
int spans(const std::string& request) {
  const RunRecord record = read_request(request);
  const Modules modules;
  bool explained = true;
  fmt::print("{:<32} {:>9} {:>9} {:>12} {:>13}\n", "a layer, launched one by one, us", "span",
             "gaps", "graph stages", "unexplained %");
  for (const LayerSpan& one :
       layer_spans(decode_plan(record.plan), device_fingerprint(), modules)) {
    fmt::print("{:<32} {:>9.2f} {:>9.2f} {:>12.2f} {:>+13.1f}\n", one.workload, one.span_s * 1e6,
               one.gaps_s * 1e6, one.graph_stages_s * 1e6, 100 * one.unexplained());
    explained = explained && std::abs(one.unexplained()) <= 0.05;
  }
  return explained ? 0 : 1;
}

void bench(const std::string& request, int tokens, const std::optional<double>& dither_us) {
  const DecodePlan plan = with_tokens(plan_of(read_request(request), dither_us), tokens);
  const GpuFingerprint gpu = device_fingerprint();
  fmt::print("{}", bench_header());
  bench_plan(plan, gpu, [](const BenchRow& row) { fmt::print("{}", bench_line(row)); });
}

/// Writes the request with the choices to `out`, and every variant that was measured to `csv`,
/// where they are named.
void tune(const std::string& request, const std::string& out, const std::string& csv,
          const std::optional<double>& dither_us) {
  RunRecord record = read_request(request);
  const DecodePlan plan = plan_of(record, dither_us);
  if (plan.gemms.backend != GemmBackend::automatic)
    throw UsageError("tune chooses the GEMMs' kernels: it needs the gemm_backend 'auto'");
  std::vector<GemmChoice> choices;
  std::string lines = tune_csv_header();
  tune_plan(plan, device_fingerprint(), [&](const TunedWorkload& tuned) {
    fmt::print("{}", tune_table(tuned));
    std::fflush(stdout);
    lines += tune_csv(tuned);
    if (!csv.empty()) write_file(csv, lines);
    // Workloads that share a GEMM's shape share its kernel: the first one's decides.
    for (const TunedStage& stage : tuned.stages)
      if (std::none_of(choices.begin(), choices.end(),
                       [&](const GemmChoice& known) { return same_gemm(known, stage.choice); }))
        choices.push_back(stage.choice);
  });
  if (out.empty()) return;
  set_choices(record.plan, choices);
  write_file(out, write_record(record, RawSamples::keep));
}

/// Writes to `out`, or to stdout when it is empty.
void metrics(const std::string& chip, const std::string& request, const std::string& out) {
  const std::string text = describe_metrics(read_request(request).plan.metrics, chip);
  if (out.empty())
    fmt::print("{}", text);
  else
    write_file(out, text);
}

/// Brings the clocks up, as a measurement does, and looks for the beat then.
void beat() {
  const GpuFingerprint gpu = device_fingerprint();
  {
    const Stream stream;
    DeviceArena arena;
    measure_roofs(gpu, arena, stream.get());
  }
  const std::optional<MemoryBeat> found = measure_memory_beat(gpu);
  fmt::print("memory beat: {}\n", found ? fmt::format("every {:.2f} us, for {:.2f} us",
                                                      found->period_s * 1e6, found->length_s * 1e6)
                                        : "none");
}

void list() {
  fmt::print("CUDA {}, cuBLAS {}, fp16 and bf16\n", cuda_version(), cublas_version());
  for (const StageInfo& info : stages) fmt::print("{:<13} {}\n", info.id, info.op);
  fmt::print("GEMM variants: {}\n", fmt::join(gemm_variant_ids(), " "));
  fmt::print("counters on: {}\n", fmt::join(supported_chips(), " "));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures one perfgate request in this process.", "perfgate-runner");
  app.require_subcommand(1);
  std::string kind, request, out;
  int layers = 0;
  CLI::App* measuring = app.add_subcommand("measure", "measure a request, write one record");
  measuring->add_option("--kind", kind)->required()->check(CLI::IsMember(ids_of(process_kinds)));
  measuring->add_option("--request", request, "a run record without processes")->required();
  measuring->add_option("--out", out, "the same record with one process")->required();
  std::string stretch;
  measuring->add_option("--stretch", stretch,
                        "timing only: STAGE,STAGE=RATIO makes these stages slower by that share");
  std::optional<double> dither_us;
  const auto add_dither = [&](CLI::App* command) {
    command
        ->add_option("--dither", dither_us,
                     "longest random wait between two steps in microseconds, instead of the "
                     "request's; 0: none")
        ->check(CLI::Range(0.0, 100000.0));
  };
  add_dither(measuring);
  int tokens = 0;
  const auto add_tokens = [&](CLI::App* command) {
    command->add_option("--tokens", tokens, "instead of the workloads' batch; up to 4096")
        ->check(CLI::Range(1, 4096));
  };
  bool checked = false;
  measuring->add_flag("--checked", checked,
                      "timing only: these stages were compared with their references before");
  bool timeline = false;
  measuring->add_flag("--timeline", timeline,
                      "timing only: keep one step of each workload, kernel by kernel");
  CLI::App* checking = app.add_subcommand("check", "compare every stage with its CPU reference");
  checking->add_option("--request", request, "a run record without processes")->required();
  checking->add_option("--layers", layers, "resident layers; 0: as many as a measurement");
  add_tokens(checking);
  bool variants = false;
  checking->add_flag("--variants", variants,
                     "with each of our own GEMM kernels in turn, wherever it takes the shape");
  int steps = 1;
  CLI::App* stepping =
      app.add_subcommand("steps", "run decode steps unmeasured, for nsys and ncu (NVTX ranges)");
  stepping->add_option("--request", request, "a run record without processes")->required();
  stepping->add_option("--steps", steps, "of each workload")->check(CLI::Range(1, 1000000));
  bool counted = false;
  CLI::Option* const counting = stepping->add_flag(
      "--counted", counted, "what one pass of the counters runs instead, in the range `counted`");
  int passes = 1;
  stepping->add_option("--passes", passes, "of each workload, with --counted")
      ->check(CLI::Range(1, 1000))
      ->needs(counting);
  CLI::App* spanning =
      app.add_subcommand("spans", "a layer's span without a graph: stages, gaps, what is left");
  spanning->add_option("--request", request, "a run record without processes")->required();
  CLI::App* benching = app.add_subcommand(
      "bench", "each planned stage side by side with cuBLASLt and with the memory's floor");
  benching->add_option("--request", request, "a run record without processes")->required();
  add_tokens(benching);
  add_dither(benching);
  CLI::App* tuning = app.add_subcommand(
      "tune", "find the variant of each GEMM with which a layer is fastest on this GPU");
  tuning->add_option("--request", request, "a run record without processes")->required();
  tuning->add_option("--out", out, "the same request with the choices in it");
  std::string csv;
  tuning->add_option("--csv", csv, "every variant that was measured");
  add_dither(tuning);
  CLI::App* describing =
      app.add_subcommand("metrics", "a request's metrics on a chip (no GPU needed)");
  std::string chip;
  describing->add_option("--chip", chip, "GH100, AD102, ... as `list` prints them")->required();
  describing->add_option("--request", request, "a run record without processes")->required();
  describing->add_option("--out", out, "a file instead of stdout");
  CLI::App* beating = app.add_subcommand("beat", "whether this GPU's memory has a beat");
  CLI::App* listing = app.add_subcommand("list", "stages, versions and chips (no GPU needed)");
  const auto fail = [](ExitCode code, const std::exception& error) {
    fmt::print(stderr, "perfgate-runner: error: {}\n", error.what());
    return static_cast<int>(code);
  };
  try {
    app.parse(argc, argv);
    if (measuring->parsed())
      measure(kind, request, out, dither_us,
              {stretch.empty() ? StretchPlan{} : parse_stretch(stretch),
               checked ? Checks::skip : Checks::run,
               timeline ? Timelines::keep : Timelines::leave_out});
    if (checking->parsed()) return check(request, tokens, layers, variants);
    if (stepping->parsed() && counted)
      run_passes(decode_plan(read_request(request).plan), device_fingerprint(), passes);
    if (stepping->parsed() && !counted) run_steps(request, steps);
    if (spanning->parsed()) return spans(request);
    if (benching->parsed()) bench(request, tokens, dither_us);
    if (tuning->parsed()) tune(request, out, csv, dither_us);
    if (describing->parsed()) metrics(chip, request, out);
    if (beating->parsed()) beat();
    if (listing->parsed()) list();
    return 0;
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : static_cast<int>(ExitCode::usage);
  } catch (const perfgate::UsageError& error) {
    return fail(ExitCode::usage, error);
  } catch (const std::exception& error) {
    return fail(ExitCode::no_verdict, error);
  }
}
