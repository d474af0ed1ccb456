// SPDX-License-Identifier: Apache-2.0
// A program without a GPU, for the black-box tests of `profile` and --program: it writes what the
// injection library would write in it. Each argument is a behaviour:
//   slow:FACTOR (the second kernel)  more (one more kernel)  few  no-cuda  no-nvtx  unmatched
//   start-end (the range is of the other kind)  threads  forked  failure  holes  crash  hang
//   later-few (from the second start on)  garbage graph  overlap  two (processes)  no-counters
//   code:HASH (of the second kernel)  repeats (what is counted)  refused (counters)  stuck
//   (counting kernel by kernel)  odd (every other occurrence launches more)  terminate (by itself,
//   after writing)
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "gate/os/files.h"
#include "gate/program/observation.h"
#include "gate/program/program_request.h"
#include "tests/support/fake_measure.h"

using namespace perfgate;

namespace {

std::map<std::string, std::string> asked;

bool is(const char* behaviour) {
  return asked.contains(behaviour);
}

KernelLaunch launch(const char* name, int grid) {
  return {name, {grid, 1, 1}, {256, 1, 1}, 64, 1024};
}

/// Occurrences of `my_decode_<n>_5`: a norm of 2 us, a GEMM of 45 us and one of 12 us, one after
/// the other. A process's number moves them by at most 0.06 %, and each by up to 2 ns, so that no
/// two starts are the same.
void add_occurrences(const ProgramRequest& request, Observation& out) {
  out.launches = {launch("void norm<float>(float*)", 1), launch("nvjet_tst_128x64", 132),
                  launch("nvjet_tst_64x64", 66), launch("void added<float>(float*)", 8)};
  if (is("code")) out.launches[1].code = asked["code"];
  out.graphs.assign(out.launches.size(), false);
  out.in_graph.assign(out.launches.size(), is("graph"));
  out.streams.assign(out.launches.size(), 7);
  const double factor = is("slow") ? std::atof(asked["slow"].c_str()) : 1;
  const double jitter = 1 + 1e-4 * static_cast<double>(getpid() % 7);
  std::mt19937 random(static_cast<unsigned>(getpid()));
  std::int64_t now = 0;
  // The library leaves out the warm-up of ranges; of kernels it can't.
  const std::int64_t warm_up = request.source == RangeSource::kernel ? request.skip : 0;
  // A file beside the program tells the first start from the later ones.
  const bool later = is("later-few") && std::filesystem::exists("started");
  if (is("later-few")) write_file("started", "");
  const std::int64_t seen = is("few") || later ? 3 : warm_up + request.occurrences;
  for (std::int64_t i = 0; i < seen; ++i) {
    Occurrence occurrence;
    occurrence.name = static_cast<std::size_t>(i);
    out.names.push_back(fmt::format("my_decode_{}_5", i + request.skip));
    std::vector<std::pair<std::size_t, double>> kernels{{0, 2}, {1, 45 * factor}, {2, 12}};
    if (is("more") || (is("odd") && i % 2 == 1)) kernels.push_back({3, 3});
    for (const auto& [index, us] : kernels) {
      occurrence.launches.push_back(index);
      occurrence.start_ns.push_back(now);
      const auto end = now + static_cast<std::int64_t>(us * 1e3 * jitter) +
                       static_cast<std::int64_t>(random() % 3);
      occurrence.end_ns.push_back(end);
      now = is("overlap") ? now + 500 : end + 1000;
    }
    now += 100000;
    out.occurrences.push_back(std::move(occurrence));
  }
}

CaseMetrics counted(const ProgramRequest& request, double value) {
  CaseMetrics metrics;
  for (const Metric& metric : request.metrics)
    metrics.values[metric.id] = metric.unit == Unit::ratio       ? 0.5
                                : metric.unit == Unit::per_cycle ? 1
                                                                 : value;
  if (is("repeats"))
    for (const auto& [id, counted] : metrics.values) metrics.stability[id] = Stability::exact;
  return metrics;
}

void add_counters(const ProgramRequest& request, Observation& out) {
  out.names = {"my_decode_5_5"};
  CountedRange range;
  range.operators = {"norm<float>", "nvjet_tst_128x64", "nvjet_tst_64x64"};
  range.passes = 8;
  range.repetitions = request.repetitions;
  range.whole = counted(request, 6e6);
  if (request.mode == ProgramMode::count_kernels)
    for (int i = 0; i < 3; ++i) range.kernels.push_back(counted(request, 2e6));
  out.counted.push_back(std::move(range));
}

Observation observe(const ProgramRequest& request) {
  Observation out;
  out.pid = getpid();
  out.program = "fake-program";
  out.complete = true;
  out.nvtx = !is("no-nvtx");
  if (is("unmatched")) out.seen = {{"", "my_decode_0_6", false, 45}, {"", "prefill", false, 1}};
  if (is("start-end")) out.seen = {{"", "my_decode_0_5", true, 45}};
  if (is("threads")) {
    out.names = {"my_decode_5_5"};
    out.other_threads = 120;
  }
  if (is("failure")) out.failures = {"CUPTI dropped 12 records: the trace is no evidence"};
  if (is("refused") && request.mode != ProgramMode::time) {
    out.failures = {"the driver keeps counters: NVreg_RestrictProfilingToAdminUsers=0"};
    out.refused = true;
  }
  if (is("stuck") && request.mode == ProgramMode::count_kernels)
    out.failures = {
        "spin_kernel has not ended in 20 s while kernels are serialised: it waits for "
        "a later one; count the range as a whole"};
  if (!out.failures.empty() || !out.seen.empty() || is("threads") || is("no-nvtx")) return out;
  if (is("holes")) out.failures = {"CUPTI dropped 3 records: the trace is no evidence"};
  if (request.mode == ProgramMode::time)
    add_occurrences(request, out);
  else if (!is("no-counters"))
    add_counters(request, out);
  return out;
}

void mark(const ProgramRequest& request, const char* what) {
  write_file(fmt::format("{}/{}.{}", request.folder, getpid(), what), "fake-program");
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto words = split(argv[i], ':');
    asked[words[0]] = words.size() > 1 ? words[1] : "";
  }
  const char* const file = std::getenv(program_request_variable);
  if (file == nullptr) return 4;
  ProgramRequest request = read_program_request(read_file(file), file);
  if (is("no-cuda")) return 0;
  if (!is("no-nvtx")) mark(request, "nvtx");
  mark(request, "cuda");
  if (is("forked")) {
    mark(request, "forked");
    std::fputs("CUDA error: initialization error\n", stderr);
    return 1;
  }
  if (is("crash")) {
    write_file(fmt::format("{}/{}.last", request.folder, getpid()),
               std::string("12 my_decode_11_5\0 and what stood there", 40));
    std::fputs("loading weights\nKilled\n", stderr);
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  }
  if (is("two") && fork() == 0) mark(request, "cuda");
  std::string text = write_observation(observe(request));
  if (is("garbage")) text = "Segmentation fault {[";
  write_file(fmt::format("{}/{}.json", request.folder, getpid()), text);
  if (is("terminate")) std::raise(SIGTERM);
  if (is("hang"))
    for (;;) ::pause();
  return 0;
}
