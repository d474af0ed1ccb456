// SPDX-License-Identifier: Apache-2.0
// nsys' SQLite export: databases of NVIDIA's documented schema, made here.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "gate/exchange/import_run.h"
#include "gate/exchange/sqlite_file.h"
#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/nsys_file.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

constexpr std::int64_t one_us = 1000;

ForeignFile nsys_file(const NsysExport& content) {
  return {"report.sqlite", nsys_database(content)};
}

ImportedProcess read_made(const NsysExport& content) {
  return read_nsys(nsys_file(content), {});
}

std::string nsys_refusal(const NsysExport& content) {
  return error_of<UsageError>([&] { read_made(content); });
}

const ImportedCase& imported_case(const ImportedProcess& process, std::string_view id) {
  const auto found =
      std::find_if(process.cases.begin(), process.cases.end(),
                   [&](const ImportedCase& entry) { return entry.group + "/" + entry.part == id; });
  REQUIRE(found != process.cases.end());
  return *found;
}

/// Steps of 1 ms: a norm of 2 us, then a GEMM of 40 us that begins when the norm ends. The GPU runs
/// 300 us behind the thread.
NsysExport decode_steps(int count) {
  NsysExport content;
  for (int i = 0; i < count; ++i) {
    const std::int64_t begin = one_us * 1000 * i, gpu = begin + 300 * one_us;
    content.ranges.push_back({fmt::format("decode_{}", i), begin, begin + 100 * one_us});
    content.kernels.push_back(
        {"void norm<float>(float*)", gpu, gpu + 2 * one_us, begin + 10 * one_us});
    content.kernels.push_back(
        {"nvjet_tst_128x64", gpu + 2 * one_us, gpu + 42 * one_us, begin + 20 * one_us});
  }
  return content;
}

}  // namespace

TEST_CASE("nsys: launches of one kernel are samples, occurrences of one range are", "[read_nsys]") {
  const ImportedProcess process = read_made(decode_steps(5));
  REQUIRE(process.cases.size() == 3);
  const ImportedCase& norm = imported_case(process, "norm/grid132x1x1,block256x1x1");
  REQUIRE(norm.samples_s.size() == 5);
  CHECK(norm.samples_s[0] == Approx(2e-6));
  CHECK(norm.launches.at(0).registers == 64);
  CHECK(norm.launches.at(0).shared_bytes == 1024);
  CHECK(imported_case(process, "nvjet_tst_128x64/grid132x1x1,block256x1x1").samples_s[4] ==
        Approx(40e-6));
  // By time alone no kernel lies in any range: the thread had left it before the GPU began.
  const ImportedCase& range = imported_case(process, "nvtx/decode_{n}/range");
  REQUIRE(range.samples_s.size() == 5);
  CHECK(range.samples_s[2] == Approx(42e-6));
  CHECK(range.launches.size() == 2);
  REQUIRE(process.gpu);
  CHECK(process.gpu->name == "NVIDIA H200");
  CHECK(process.gpu->sm_count == 132);
  CHECK(process.gpu->compute_capability == "9.0");
  CHECK(process.notes.empty());
}

TEST_CASE("nsys: a range has what its own thread launched, and inner ranges' launches too",
          "[read_nsys]") {
  NsysExport content = decode_steps(3);
  content.ranges.push_back({"loop", 0, 3000 * one_us, 1, true});   // registered, around all
  content.ranges.push_back({"other", 0, 3000 * one_us, 2});        // another thread's
  content.ranges.push_back({"idle", 200 * one_us, 300 * one_us});  // launches nothing
  const ImportedProcess process = read_made(content);
  CHECK(process.cases.size() == 4);
  const ImportedCase& loop = imported_case(process, "nvtx/loop/range");
  REQUIRE(loop.samples_s.size() == 1);
  CHECK(loop.samples_s[0] == Approx(3 * 42e-6));
  CHECK(loop.launches.size() == 6);
}

TEST_CASE(
    "nsys: two grids of a kernel are two cases, two kernels of one name have their whole name",
    "[read_nsys]") {
  NsysExport content;
  content.kernels = {{"void add<float>(float*)", 0, 5 * one_us, 0, 10},
                     {"void add<float>(float*)", 9 * one_us, 15 * one_us, 0, 20},
                     {"void add<double>(double*)", 20 * one_us, 28 * one_us, 0, 10}};
  const ImportedProcess process = read_made(content);
  REQUIRE(process.cases.size() == 3);
  CHECK(process.cases[0].group == process.cases[1].group);
  CHECK(process.cases[0].group != process.cases[2].group);
  CHECK(process.cases[1].part == "grid20x1x1,block256x1x1");
}

TEST_CASE("nsys: a CUDA graph is judged from its start to its end, within a range", "[read_nsys]") {
  NsysExport content;
  for (int i = 0; i < 4; ++i) {
    const std::int64_t begin = one_us * 100 * i;
    content.ranges.push_back({"replay", begin, begin + 10 * one_us});
    content.kernels.push_back(
        {"", begin + 20 * one_us, begin + 50 * one_us, begin + one_us, 1, 1, 0, true});
  }
  const ImportedProcess process = read_made(content);
  REQUIRE(process.cases.size() == 1);
  CHECK(imported_case(process, "nvtx/replay/range").samples_s[0] == Approx(30e-6));
  content.ranges.clear();
  CHECK_THAT(nsys_refusal(content), ContainsSubstring("--cuda-graph-trace=node"));
}

TEST_CASE("nsys: occurrences that launch something else are told, or fail their case",
          "[read_nsys]") {
  NsysExport content = decode_steps(5);
  content.kernels.push_back({"void extra(int)", 400 * one_us, 401 * one_us, 30 * one_us});
  ImportedProcess process = read_made(content);
  CHECK(imported_case(process, "nvtx/decode_{n}/range").samples_s.size() == 4);
  REQUIRE(process.notes.size() == 1);
  CHECK_THAT(process.notes[0], ContainsSubstring("'nvtx/decode_{n}': 4 of 5 alike"));
  content = decode_steps(2);
  content.kernels.push_back({"void extra(int)", 400 * one_us, 401 * one_us, 30 * one_us});
  process = read_made(content);
  CHECK_THAT(imported_case(process, "nvtx/decode_{n}/range").failure,
             ContainsSubstring("is inconsistent"));
}

TEST_CASE("nsys: what cannot be read is refused by name", "[read_nsys]") {
  const auto with = [](const std::string& statement) {
    NsysExport content = decode_steps(2);
    content.statements = {statement};
    return nsys_refusal(content);
  };
  NsysExport content = decode_steps(2);
  content.schema = "4.0.1";
  CHECK_THAT(nsys_refusal(content),
             ContainsSubstring("report.sqlite: version 4.0.1 of nsys' export; only 3.x is known"));
  content.schema = "";
  CHECK_THAT(nsys_refusal(content), ContainsSubstring("version none"));
  CHECK_THAT(nsys_refusal({}), ContainsSubstring("no kernel in it") &&
                                   ContainsSubstring("nsys profile --trace=cuda,nvtx"));
  CHECK_THAT(with("DROP TABLE META_DATA_EXPORT"),
             ContainsSubstring("not what `nsys export --type sqlite` writes"));
  CHECK_THAT(with("ALTER TABLE CUPTI_ACTIVITY_KIND_KERNEL RENAME COLUMN demangledName TO nameId"),
             ContainsSubstring("CUPTI_ACTIVITY_KIND_KERNEL has no column demangledName"));
  CHECK_THAT(with("UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET end = start WHERE start = 300000"),
             ContainsSubstring("a launch from 300000 to 300000 ns"));
  CHECK_THAT(with("UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET start = 'soon'"),
             ContainsSubstring("start is no integer"));
  CHECK_THAT(with("UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET demangledName = 999"),
             ContainsSubstring("value is no text"));
  CHECK_THAT(with("UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET deviceId = 1 WHERE start = 300000"),
             ContainsSubstring("kernels of 2 GPUs: take one by CUDA_VISIBLE_DEVICES"));
  CHECK_THAT(error_of<UsageError>([] {
               read_nsys({"a.sqlite", "{}"}, {});
             }),
             ContainsSubstring("a.sqlite: no SQLite database"));
  // Cut off in the middle, and with one page overwritten.
  ForeignFile file = nsys_file(decode_steps(400));
  file.text.resize(file.text.size() / 2 / 4096 * 4096);
  CHECK_THAT(error_of<UsageError>([&] { read_nsys(file, {}); }), ContainsSubstring("malformed"));
}

TEST_CASE("nsys: what it warns of itself is a note", "[read_nsys]") {
  NsysExport content = decode_steps(2);
  content.statements = {
      "CREATE TABLE DIAGNOSTIC_EVENT (timestamp INTEGER, timestampType INTEGER, source INTEGER, "
      "severity INTEGER, text TEXT, globalPid INTEGER)",
      "INSERT INTO DIAGNOSTIC_EVENT VALUES (1, 0, 0, 1, 'started', 0)",
      "INSERT INTO DIAGNOSTIC_EVENT VALUES (2, 0, 0, 2, 'CUPTI dropped 12 records', 0)"};
  CHECK(read_made(content).notes == std::vector<std::string>{"nsys: CUPTI dropped 12 records"});
}

TEST_CASE("nsys: five reports are a run of one source", "[read_nsys]") {
  std::vector<ForeignFile> files;
  std::vector<ImportedProcess> processes;
  for (int i = 0; i < 3; ++i) {
    files.push_back(nsys_file(decode_steps(4 + i)));
    files.back().name = fmt::format("report{}.sqlite", i);
    processes.push_back(read_nsys(files.back(), {}));
  }
  RunRecord run;
  CHECK(add_imported(run, "nsys", files, processes).empty());
  CHECK(run.plan.sources.at(0).id == "import nsys");
  CHECK(run.processes.size() == 3);
  CHECK(run.plan.cases.size() == 3);
  CHECK(run.processes[2].timings.size() == 3);
}
