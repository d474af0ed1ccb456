// SPDX-License-Identifier: Apache-2.0
// What the importers read of other tools' files, and what they refuse.
#include <fmt/format.h>

#include <algorithm>

#include "gate/exchange/csv.h"
#include "gate/exchange/import_run.h"
#include "gate/util/error.h"
#include "tests/support/catch.h"
#include "tests/support/nvbench_file.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

const std::vector<NvbenchBenchmark> copies{
    {"copy", {{"16", {1e-5F, 2e-5F, 3e-5F, 4e-5F}, ""}, {"17", {}, "too large: 2 GB"}}}};

/// An nvbench file whose sample files hold `bytes`.
ForeignFile nvbench(std::string text, const std::string& bytes) {
  return {"a.json", std::move(text), [bytes](const std::string&) { return bytes; }};
}

std::string refused(const ForeignFile& file) {
  return error_of<UsageError>([&] { read_nvbench(file, {}); });
}

ForeignFile shipped(const std::string& name) {
  return {name, source_file("tests/exchange/" + name)};
}

std::string google_refusal(const std::string& from, const std::string& to) {
  ForeignFile file = shipped("google-benchmark.json");
  file.text = replaced(file.text, from, to);
  return error_of<UsageError>([&] { read_google_benchmark(file, {}); });
}

std::string ncu_refusal(const std::string& name, const std::string& from, const std::string& to) {
  ForeignFile file = shipped(name);
  file.text = replaced(file.text, from, to);
  return error_of<UsageError>([&] { read_ncu(file, {}); });
}

Metric bytes_read() {
  Metric metric = simple_metric("hbm_read", Unit::bytes);
  metric.operands = {{"dram__bytes_read.sum"}};
  return metric;
}

}  // namespace

TEST_CASE("nvbench: samples, GPU, bytes and the name of a case", "[importers]") {
  const ImportedProcess process =
      read_nvbench(nvbench(nvbench_json(copies, "a.json"),
                           nvbench_samples(copies.front().states.front().samples_s)),
                   {});
  REQUIRE(process.cases.size() == 2);
  const ImportedCase& entry = process.cases.front();
  CHECK(entry.group + "|" + entry.part == "copy|N=16");
  REQUIRE(entry.samples_s.size() == 4);
  CHECK_THAT(entry.samples_s[3], WithinRel(4e-5, 1e-6));
  CHECK(entry.work.dram_bytes == 1e6);
  CHECK(process.cases[1].skipped == "too large: 2 GB");
  REQUIRE(process.gpu);
  CHECK(process.gpu->name == "NVIDIA H200");
  CHECK(process.gpu->compute_capability == "9.0");
  CHECK(process.notes.empty());
}

TEST_CASE("nvbench without samples: the mean, and a note that says so", "[importers]") {
  const ImportedProcess process =
      read_nvbench(nvbench(nvbench_json(copies, "a.json", false), ""), {});
  REQUIRE(process.cases.front().samples_s.size() == 1);
  CHECK_THAT(process.cases.front().samples_s.front(), WithinRel(2.5e-5, 1e-6));
  CHECK(process.cases.front().statistic == "cold GPU time, the mean that nvbench gives");
  REQUIRE(process.notes.size() == 1);
  CHECK_THAT(process.notes.front(), ContainsSubstring("--jsonbin FILE"));
}

TEST_CASE("nvbench: what is wrong with a file is said with its case", "[importers]") {
  const std::string text = nvbench_json(copies, "a.json");
  const std::string plain = nvbench_json(copies, "a.json", false);
  CHECK_THAT(refused(nvbench(text, "abc")),
             StartsWith("a.json: copy/N=16: a.json-bin/0.bin has 3 bytes, not the 4 bytes of each "
                        "of 4 samples"));
  ForeignFile lost = nvbench(text, "");
  lost.beside = [](const std::string& path) -> std::string { throw UsageError(path + ": gone"); };
  CHECK_THAT(refused(lost), ContainsSubstring("its samples are missing: a.json-bin/0.bin: gone"));
  CHECK_THAT(
      refused(nvbench(replaced(plain, "\"hint\": \"byte_rate\"", "\"hint\": \"bytes\""), "")),
      ContainsSubstring("has the hint 'bytes', not 'byte_rate': its unit is unknown"));
  CHECK_THAT(refused(nvbench(replaced(text, "\"major\": 1", "\"major\": 2"), "")),
             ContainsSubstring("version 2 of nvbench's JSON; only 1 is known"));
  CHECK_THAT(refused(nvbench("{}", "")), ContainsSubstring("not what `--json FILE` of an nvbench"));
  const std::string two = replaced(text, "\"device\": 0", "\"device\": 1");
  CHECK_THAT(refused(nvbench(two, nvbench_samples({1, 1, 1, 1}))),
             ContainsSubstring("states of 2 GPUs"));
}

TEST_CASE("nvbench: inf is no duration, and a failure of its case", "[importers]") {
  const std::vector<NvbenchBenchmark> infinite{{"copy", {{"", {1.0F / 0.0F}, ""}}}};
  const ImportedProcess process =
      read_nvbench(nvbench(nvbench_json(infinite, "a.json", false), ""), {});
  CHECK(process.cases.front().failure == "nv/cold/time/gpu/mean is inf");
  CHECK(process.cases.front().group + "|" + process.cases.front().part == "copy|time");
}

TEST_CASE("google-benchmark: repetitions are samples, an error is a failed case", "[importers]") {
  const ImportedProcess process = read_google_benchmark(shipped("google-benchmark.json"), {});
  REQUIRE(process.cases.size() == 4);
  CHECK(process.cases[0].group + "|" + process.cases[0].part == "copy_manual/65536|manual_time");
  CHECK(process.cases[0].samples_s.size() == 5);
  CHECK_THAT(process.cases[0].samples_s[0], WithinRel(1.9918920070815038e-6, 1e-12));
  CHECK_THAT(process.cases[0].statistic, StartsWith("manual time"));
  CHECK_THAT(process.cases[2].statistic, StartsWith("real time"));
  CHECK(process.cases[3].failure == "no CUDA device");
  CHECK_FALSE(process.gpu);
  REQUIRE(process.notes.size() == 1);
  CHECK_THAT(process.notes[0], StartsWith("sum/time and others without UseManualTime"));
}

TEST_CASE("google-benchmark: units, kinds of rows and names are not guessed", "[importers]") {
  CHECK_THAT(google_refusal("\"time_unit\": \"us\"", "\"time_unit\": \"min\""),
             ContainsSubstring("time_unit: unknown 'min'") && ContainsSubstring("ns, us, ms, s"));
  CHECK_THAT(google_refusal("\"run_type\": \"iteration\"", "\"run_type\": \"other\""),
             ContainsSubstring("run_type: unknown 'other'"));
  CHECK_THAT(google_refusal("\"repetition_index\": 1", "\"repetition_index\": 0"),
             ContainsSubstring("stands twice for repetition 0"));
  CHECK_THAT(google_refusal("\"context\"", "\"kontext\""), ContainsSubstring("no `context`"));
  std::string aggregates = shipped("google-benchmark.json").text;
  for (std::size_t at; (at = aggregates.find("\"iteration\"")) != std::string::npos;)
    aggregates.replace(at, 11, "\"aggregate\"");
  CHECK_THAT(error_of<UsageError>([&] {
               read_google_benchmark({"g.json", aggregates}, {});
             }),
             ContainsSubstring("g.json: only aggregates"));
}

TEST_CASE("google-benchmark: the number of threads stands behind manual_time", "[importers]") {
  const auto statistic = [](const std::string& run_name) {
    ForeignFile file = shipped("google-benchmark.json");
    const std::string was = "copy_manual/65536/manual_time";
    for (std::size_t at = 0; (at = file.text.find(was, at)) != std::string::npos; ++at)
      file.text.replace(at, was.size(), run_name);
    return read_google_benchmark(file, {}).cases.at(0).statistic;
  };
  CHECK_THAT(statistic("copy/8/manual_time/threads:1"), StartsWith("manual time"));
  CHECK_THAT(statistic("copy/8/process_time/manual_time/threads:16"), StartsWith("manual time"));
  CHECK_THAT(statistic("copy/8/real_time/threads:1"), StartsWith("real time"));
  // An argument's name is no mark of the tool's.
  CHECK_THAT(statistic("copy/manual_time/8"), StartsWith("real time"));
  CHECK_THAT(statistic("copy/manual_time/threads:x"), StartsWith("real time"));
}

TEST_CASE("google-benchmark: two names are two cases or none", "[importers]") {
  const auto named = [](const std::string& name, const std::string& other) {
    const auto row = [](const std::string& run_name) {
      return R"({"run_name": ")" + run_name +
             R"(", "run_type": "iteration", "real_time": 10, "time_unit": "us"})";
    };
    return ForeignFile{"g.json",
                       R"({"context": {}, "benchmarks": [)" + row(name) + ", " + row(other) + "]}"};
  };
  const auto refusal = [&](const std::string& name, const std::string& other) {
    return error_of<UsageError>([&] { read_google_benchmark(named(name, other), {}); });
  };
  CHECK(refusal("copy/8", "copy/9") == "(nothing was thrown)");
  CHECK_THAT(refusal("copy/8", "copy//8"),
             StartsWith("g.json: benchmarks[1].run_name: 'copy/8' and 'copy//8' are one case, "
                        "copy/8: rename one"));
  CHECK_THAT(refusal("copy/8", "copy/8/"), ContainsSubstring("'copy/8/' are one case"));
  CHECK_THAT(refusal("/copy/8", "copy/8"), ContainsSubstring("are one case, copy/8"));
  // Also where they stand in two files.
  const ForeignFile first = named("copy/8", "sum"), second = named("copy//8", "sum");
  RunRecord run;
  CHECK_THAT(error_of<UsageError>([&] {
               add_imported(run, "google-benchmark", {first, second},
                            {read_google_benchmark(first, {}), read_google_benchmark(second, {})});
             }),
             ContainsSubstring("'copy//8' here and 'copy/8' elsewhere are one case, copy/8"));
}

TEST_CASE("ncu: launches of one kernel are samples, in either page", "[importers]") {
  const ImportedProcess rows = read_ncu(shipped("ncu-long.csv"), {bytes_read()});
  REQUIRE(rows.cases.size() == 2);
  CHECK(rows.cases[0].group + "|" + rows.cases[0].part == "copy|grid1056x1x1,block256x1x1");
  REQUIRE(rows.cases[0].samples_s.size() == 2);
  CHECK_THAT(rows.cases[0].samples_s[0], WithinRel(12.03e-6, 1e-12));
  CHECK_THAT(rows.cases[0].samples_s[1], WithinRel(12.128e-6, 1e-12));
  CHECK_THAT(rows.cases[0].metrics.at("hbm_read"), WithinRel(33.555e6, 1e-12));
  CHECK(rows.cases[1].metrics.empty());  // n/a is absent
  CHECK_FALSE(rows.gpu);

  const ImportedProcess raw = read_ncu(shipped("ncu-raw.csv"), {bytes_read()});
  REQUIRE(raw.cases.size() == 2);  // two instances of one template are two cases
  CHECK(raw.cases[0].group != raw.cases[1].group);
  REQUIRE(raw.cases[0].launches.size() == 1);
  CHECK(raw.cases[0].launches[0].registers == 32);
  CHECK(raw.cases[0].launches[0].shared_bytes == 1020);
  REQUIRE(raw.gpu);
  CHECK(raw.gpu->name == "NVIDIA H200");
  CHECK(raw.gpu->sm_count == 132);
}

TEST_CASE("ncu: real files of an H200, in either page", "[importers]") {
  const std::string kernel = "nvjet_sm90_hsh_128x64_64x8_1x2_h_bz_NNT";
  const ImportedProcess raw = read_ncu(shipped("ncu-raw-h200.csv"), {bytes_read()});
  REQUIRE(raw.cases.size() == 1);
  CHECK(raw.cases[0].group == kernel);
  REQUIRE(raw.cases[0].samples_s.size() == 2);
  CHECK_THAT(raw.cases[0].samples_s[0], WithinRel(7.232e-06, 1e-9));
  CHECK(raw.cases[0].metrics.contains("hbm_read"));
  REQUIRE(raw.gpu);
  CHECK(raw.gpu->name == "NVIDIA H200");

  // The rows of metrics end before the columns of ncu's rules; those of rules have them.
  const ImportedProcess details = read_ncu(shipped("ncu-details-h200.csv"), {});
  REQUIRE(details.cases.size() == 1);
  CHECK(details.cases[0].group == kernel);
  REQUIRE(details.cases[0].samples_s.size() == 2);
  CHECK_THAT(details.cases[0].samples_s[0], WithinRel(7.136000000000001e-06, 1e-9));
  CHECK_FALSE(details.gpu);
  // Any other short row is of a file that was cut off.
  CHECK_THAT(ncu_refusal("ncu-details-h200.csv", "\"Duration\",", ""),
             ContainsSubstring("a row has 15 fields, the header 20"));
}

TEST_CASE("nvbench: a real file of an H200, without samples", "[importers]") {
  const ImportedProcess process = read_nvbench(shipped("nvbench-h200.json"), {});
  REQUIRE(process.cases.size() == 1);
  CHECK(process.cases[0].group + "|" + process.cases[0].part == "plain|time");
  REQUIRE(process.cases[0].samples_s.size() == 1);
  CHECK_THAT(process.cases[0].samples_s[0], WithinRel(12.575999833643437e-6, 1e-12));
  REQUIRE(process.gpu);
  CHECK(process.gpu->name == "NVIDIA H200");
  CHECK(process.gpu->memory_bytes == 150109880320);
}

TEST_CASE("ncu: what cannot be read is refused by name", "[importers]") {
  CHECK_THAT(ncu_refusal("ncu-long.csv", "\"us\",\"12.03\"", "\"fortnight\",\"12.03\""),
             ContainsSubstring("in the unknown unit 'fortnight'") &&
                 ContainsSubstring("--print-units base"));
  CHECK_THAT(ncu_refusal("ncu-long.csv", "\"33.55\"", "\"33,55\""),
             ContainsSubstring("'33,55' has a decimal comma") && ContainsSubstring("LC_ALL=C"));
  CHECK_THAT(ncu_refusal("ncu-long.csv", "gpu__time_duration.sum", "gpu__cycles_elapsed.max"),
             ContainsSubstring("no gpu__time_duration.sum"));
  CHECK_THAT(ncu_refusal("ncu-long.csv", "\"ID\"", "\"Id\""), ContainsSubstring("ncu --csv"));
  CHECK_THAT(ncu_refusal("ncu-raw.csv", "\"0\",\"4242\"", "\"0\""),
             ContainsSubstring("17 fields, the header 18"));
  CHECK_THAT(ncu_refusal("ncu-raw.csv", "\"40.5\"\n", "\"40.5\n"),
             ContainsSubstring("a quote is never closed") || ContainsSubstring("fields"));
}

TEST_CASE("CSV: quotes, doubled quotes, line ends in quotes", "[importers]") {
  const auto records = parse_csv("\"a,1\",\"say \"\"x\"\"\",c\r\n\n\"two\nlines\",,\n");
  REQUIRE(records);
  REQUIRE(records->size() == 2);
  CHECK((*records)[0] == std::vector<std::string>{"a,1", "say \"x\"", "c"});
  CHECK((*records)[1] == std::vector<std::string>{"two\nlines", "", ""});
  CHECK_FALSE(parse_csv("\"open"));
}

TEST_CASE("a case that one file lacks or skips is a failure of that process", "[importers]") {
  const auto process = [](std::vector<NvbenchState> states) {
    return read_nvbench(nvbench(nvbench_json({{"copy", std::move(states)}}, "x.json", false), ""),
                        {});
  };
  const NvbenchState fast{"1", {1e-5F}, ""}, slow{"2", {2e-5F}, ""}, skipped{"2", {}, "no memory"};
  RunRecord run;
  const std::vector<ForeignFile> files{{"a.json", "1"}, {"b.json", "2"}, {"c.json", "3"}};
  add_imported(run, "nvbench", files,
               {process({fast, slow}), process({fast, skipped}), process({fast})});
  REQUIRE(run.plan.cases.size() == 2);
  REQUIRE(run.processes.size() == 3);
  CHECK(run.processes[0].failures.empty());
  CHECK(run.processes[1].failures.front().why == "skipped in b.json: no memory");
  CHECK(run.processes[2].failures.front().why == "c.json has no such case, other files have");
  CHECK(run.plan.sources.front().id == "import nvbench");
}

TEST_CASE("a case that every file skips is no case, and a note", "[importers]") {
  RunRecord run;
  const auto notes =
      add_imported(run, "nvbench", {{"a.json", ""}},
                   {read_nvbench(nvbench(nvbench_json(copies, "a.json", false), ""), {})});
  REQUIRE(run.plan.cases.size() == 1);
  CHECK_THAT(notes.front(), StartsWith("copy/N=17: left out: the tool skipped it: too large"));
}

TEST_CASE("many skipped cases are three notes and a number", "[importers]") {
  ImportedProcess process;
  process.cases.resize(7);
  for (std::size_t i = 0; i < 6; ++i) process.cases[i].skipped = "narrowing";
  for (std::size_t i = 0; i < 7; ++i) {
    process.cases[i].group = fmt::format("sweep/T={}", i);
    process.cases[i].part = "time";
  }
  process.cases[6].samples_s = {1e-5};
  Plan plan;
  const std::vector<std::string> notes =
      plan_imported(plan, {"import nvbench", {}, {}}, {{"a.json", ""}}, {process});
  CHECK(plan.cases.size() == 1);
  REQUIRE(notes.size() == 4);
  CHECK(notes[0] == "sweep/T=0/time: left out: the tool skipped it: narrowing");
  CHECK(notes[3] == "3 cases more were skipped and left out");
}

TEST_CASE("one file given twice is not two processes", "[importers]") {
  RunRecord run;
  const ForeignFile file = nvbench(nvbench_json(copies, "a.json", false), "");
  const ImportedProcess process = read_nvbench(file, {});
  CHECK(error_of<UsageError>([&] {
          add_imported(run, "nvbench", {file, file}, {process, process});
        }) == "a.json and a.json are the same: each file must be of a process of its own");
}
