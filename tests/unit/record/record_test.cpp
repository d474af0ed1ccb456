// SPDX-License-Identifier: Apache-2.0
#include "gate/record/record.h"

#include <fmt/format.h>

#include <random>

#include "gate/record/samples.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"
#include "tests/support/support.h"
#include "tests/unit/record/record_text.h"

using namespace perfgate;

namespace {

/// Returns a run that has every optional field.
RunRecord full_run() {
  RunRecord run = run_of(small_plan(), {{10, 11}, {5, 6}});
  run.gpu->vbios = "96.00";
  run.gpu->power_limit_w = 700.5;
  run.gpu->ecc = true;
  run.gpu->mig = false;
  run.processes[0].timings[0].samples_s.assign(200, 1e-5);
  run.processes[0].failures = {{case_of("o_proj"), evil_text}};
  run.processes[1].checks[0] = {case_of("o_proj"), std::nullopt, 1e-3, 64, false};
  run.processes[1].error = "the runner exited with status 3: \x1b no";
  run.processes[2].absent = {{"ipc", "not on this chip"}};
  run.processes[0].kernels[0].launches[0].code = "0123456789abcdef";
  run.processes[0].phases_s = {{"context", 0.5}, {"pass start", 0}};
  run.processes[0].dither = Dither{4294967295, 120e-6};
  run.processes[2].memory_beat = MemoryBeat{1.0015e-4, 1.001e-4, 1.0019e-4, 6e-7};
  return run;
}

}  // namespace

TEST_CASE("a record that is written, read and written is the same", "[record]") {
  const std::string once = text_of(full_run());
  CHECK(text_of(read_record(once, "r.json")) == once);
}

TEST_CASE("where a process's time went is in the record, or absent", "[record]") {
  const RunRecord back = read_record(text_of(full_run()), "r.json");
  CHECK(back.processes[0].phases_s ==
        std::map<std::string, double>{{"context", 0.5}, {"pass start", 0}});
  CHECK(back.processes[1].phases_s.empty());
  CHECK_THAT(refusal_of(full_run(), "\"context\":0.5", "\"context\":\"long\""),
             ContainsSubstring("context"));
}

TEST_CASE("the random waits and the memory's beat are in the record, or absent", "[record]") {
  const RunRecord back = read_record(text_of(full_run()), "r.json");
  CHECK(back.processes[0].dither == Dither{4294967295, 120e-6});
  CHECK_FALSE(back.processes[1].dither);
  CHECK(back.processes[2].memory_beat == MemoryBeat{1.0015e-4, 1.001e-4, 1.0019e-4, 6e-7});
  CHECK_FALSE(back.processes[0].memory_beat);
  CHECK_THAT(refusal_of(full_run(), "\"seed\":4294967295", "\"seed\":-1"),
             ContainsSubstring("dither.seed"));
  CHECK_THAT(refusal_of(full_run(), "\"longest_s\":0.00012", "\"longest_s\":0.0"),
             ContainsSubstring("dither.longest_s"));
  CHECK_THAT(refusal_of(full_run(), "\"length_s\":6e-07", "\"length_s\":\"short\""),
             ContainsSubstring("memory_beat.length_s"));
}

TEST_CASE("a plan of several sources is kept, and what a source asks for is its own", "[record]") {
  RunRecord run = full_run();
  run.plan.sources.push_back({"my app", Json{{"command", {"python3", "x.py"}}}, {{"batch", "8"}}});
  run.plan.cases.push_back({"my/app/attention", "my/app", "attention", "", {}, {}, 1});
  run.plan.cases.push_back(
      {"my/app/all", "my/app", "all", "a whole", {"my/app/attention"}, {1e6, 2e6, Pipe::fp32}, 1});
  const RunRecord back = read_record(text_of(run), "r.json");
  CHECK(back.plan == run.plan);
  CHECK_FALSE(back.plan.cases[2].work.dram_bytes);
  CHECK_THAT(text_of(run), ContainsSubstring("\"source\":1"));
  const std::string astray = replaced(text_of(run), "\"source\":1", "\"source\":2");
  CHECK_THAT(error_of<UsageError>([&] { read_record(astray, "r.json"); }),
             ContainsSubstring("plan.cases[2].source: 2 is outside 0 to 1"));
  const std::string negative =
      replaced(text_of(run), "\"dram_bytes\":1000000.0", "\"dram_bytes\":-1.0");
  CHECK_THAT(error_of<UsageError>([&] { read_record(negative, "r.json"); }),
             ContainsSubstring("plan.cases[3].work.dram_bytes: is below 0"));
}

TEST_CASE("sentinels may be a process of their own", "[record]") {
  RunRecord run = full_run();
  ProcessRecord alone;
  alone.kind = ProcessKind::sentinels;
  alone.sentinels = Sentinels{4e12, 6e13};
  run.processes.push_back(alone);
  const RunRecord back = read_record(text_of(run), "r.json");
  CHECK(back.processes.back().kind == ProcessKind::sentinels);
  CHECK(back.processes.back().sentinels->read_bytes_per_s == 4e12);
  CHECK(timing_processes(back) == timing_processes(full_run()));
}

TEST_CASE("random records survive writing and reading", "[record]") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> us(0.5, 500);
  for (int round = 0; round < 30; ++round) {
    RunRecord run = run_of(small_plan({"o_proj", "silu_mul", "layer"}),
                           {{us(random), us(random)}, {us(random), -1}, {us(random), us(random)}});
    for (Timing& timing : run.processes[0].timings) {
      Samples samples_s;
      for (int i = 0; i < 5; ++i) samples_s.push_back(us(random) * 1e-6);
      timing = timing_of(timing.case_id, {samples_s});
    }
    const RunRecord back = read_record(text_of(run), "r.json");
    REQUIRE(text_of(back) == text_of(run));
    // Values are equal bit for bit: a measurement is never rounded.
    CHECK(back.processes[0].timings[0].samples_s == run.processes[0].timings[0].samples_s);
    CHECK(back.plan == run.plan);
    CHECK(back.gpu == run.gpu);
  }
}

TEST_CASE("raw samples can be left out", "[record]") {
  const std::string lean = write_record(full_run(), RawSamples::leave_out);
  CHECK_THAT(lean, !ContainsSubstring("samples_s"));
  const RunRecord back = read_record(lean, "r.json");
  CHECK(back.processes[0].timings[0].samples_s.empty());
  CHECK(back.processes[0].timings[0].iq_mean_s == Approx(10e-6));
}

TEST_CASE("absent is absent, never zero", "[record]") {
  RunRecord run = run_of(small_plan(), {{10}, {5}});
  run.gpu->driver.reset();
  const std::string text = text_of(run);
  CHECK_THAT(text, !ContainsSubstring("driver") && !ContainsSubstring("null") &&
                       !ContainsSubstring("power_limit"));
  CHECK_FALSE(read_record(text, "r").gpu->driver);
}

TEST_CASE("a kernel's code is kept, and absent when it is unknown", "[record]") {
  const std::string text = text_of(full_run());
  const RunRecord back = read_record(text, "r.json");
  CHECK(back.processes[0].kernels == full_run().processes[0].kernels);
  CHECK(back.processes[0].kernels[0].launches[0].code == "0123456789abcdef");
  CHECK(back.processes[0].kernels[1].launches[0].code == "");
  CHECK(text.find("\"code\"") == text.rfind("\"code\""));  // it occurs once
}

TEST_CASE("an unknown code is no other launch, another code is", "[record]") {
  const KernelLaunch unknown{"k", {1, 1, 1}, {32, 1, 1}, 16, 0};
  KernelLaunch a = unknown, b = unknown;
  a.code = "0123456789abcdef";
  b.code = "0123456789abcdee";
  CHECK(same_launch(unknown, unknown));
  CHECK(same_launch(a, a));
  CHECK(same_launch(a, unknown));
  CHECK(same_launch(unknown, a));
  CHECK_FALSE(same_launch(a, b));
  KernelLaunch other = unknown;
  other.registers = 17;
  CHECK_FALSE(same_launch(a, other));
  CHECK_FALSE(same_launch(other, a));
  // As values, known and unknown differ: no information of a process is dropped.
  CHECK_FALSE(a == unknown);
}

TEST_CASE("kernels that are known word for word are dropped, their code is not", "[record]") {
  RunRecord run = run_of(small_plan(), {{10}, {5}});
  const auto answer = [&](const std::string& code) {
    RunRecord part = run_of(small_plan(), {{10}, {5}});
    part.processes.resize(1);
    part.processes[0].kernels[0].launches[0].code = code;
    append_processes(run, part, run.plan);
    return run.processes.back().kernels;
  };
  CHECK(answer("").empty());
  const std::string code = "0123456789abcdef";
  REQUIRE(answer(code).size() == 1);
  CHECK(run.processes.back().kernels[0].launches[0].code == code);
  CHECK(answer(code).empty());
}

TEST_CASE("a record of a newer minor version is read without what it adds", "[record]") {
  std::string note;
  const std::string newer = replaced(text_of(full_run()), "\"commit\"", "\"mood\": 1, \"commit\"");
  CHECK(text_of(read_record(newer, "r.json", "0.0.9", note)) == text_of(full_run()));
  CHECK_THAT(note, StartsWith("r.json was written by perfgate 0.1.0, and this is 0.0.9"));
  CHECK_THROWS_AS(read_record(newer, "r.json", "0.1.0", note), UsageError);
}

TEST_CASE("a record is refused by what is wrong with it", "[record]") {
  CHECK_THAT(refusal_of(full_run(), "\"schema\": 2", "\"schema\": 1"),
             ContainsSubstring("r.json: schema: this perfgate reads schema 2, the file has 1"));
  CHECK_THAT(refusal_of(full_run(), "\"kind\": \"run\"", "\"kind\": \"result\""),
             ContainsSubstring("expected a run record, found 'result'"));
  CHECK_THAT(refusal_of(full_run(), "\"gpu_id\"", "\"gpuid\""),
             ContainsSubstring("gpu_id: missing"));
  CHECK_THAT(refusal_of(full_run(), "\"wall_s\":", "\"wal_s\":"),
             ContainsSubstring("processes[0].wall_s: missing"));
  CHECK_THAT(refusal_of(full_run(), "\"commit\"", "\"comit\": \"\", \"commit\""),
             ContainsSubstring("comit: unknown key (did you mean 'commit'?)"));
  CHECK_THAT(refusal_of(full_run(), "\"clocks\": \"observe\"", "\"clocks\": \"lokc\""),
             ContainsSubstring("clocks: unknown 'lokc' (did you mean 'lock'?)"));
  CHECK_THAT(refusal_of(full_run(), "\"iq_mean_s\": ", "\"iq_mean_s\": -"),
             ContainsSubstring("timings[0].iq_mean_s: expected more than 0"));
  CHECK_THAT(refusal_of(full_run(), "\"grid\": [132,1,1]", "\"grid\": [132,1]"),
             ContainsSubstring("launches[0].grid: expected three numbers"));
  CHECK_THAT(refusal_of(full_run(), "\"grid\": [132,1,1]", "\"grid\": [1e12,1,1]"),
             ContainsSubstring("launches[0].grid: is out of range"));
  const std::string code = "\"code\": \"0123456789abcdef\"";
  for (const char* bad : {"zz", "", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef0"})
    CHECK_THAT(
        refusal_of(full_run(), code, fmt::format("\"code\": \"{}\"", bad)),
        ContainsSubstring(fmt::format("kernels[0].launches[0].code: '{}': expected 16", bad)) &&
            ContainsSubstring("leave the key out"));
  CHECK_THAT(
      refusal_of(full_run(), "\"values\":{\"hbm_throughput\"", "\"values\":{\"temperature\""),
      ContainsSubstring("metrics[0].values.temperature: is not a metric of the plan"));
}

TEST_CASE("a record that contradicts itself is refused", "[record]") {
  CHECK_THAT(refusal_of(full_run(), "\"count\": 200", "\"count\": 199"),
             ContainsSubstring("200 samples, but count says 199"));
  // A case of another plan is refused, and so is a case that is listed twice.
  CHECK_THAT(refusal_of(full_run(), "{\"case\":\"" + case_of("silu_mul"),
                        "{\"case\":\"" + case_of("rotary")),
             ContainsSubstring("'" + case_of("rotary") + "' is not in the plan"));
  CHECK_THAT(refusal_of(full_run(), "\"part\": \"silu_mul\"", "\"part\": \"o_proj\""),
             ContainsSubstring("plan.cases[1].part: '" + case_of("o_proj") + "' stands twice"));
  CHECK_THAT(refusal_of(full_run(), "\"part\": \"silu_mul\"", "\"part\": \"\""),
             ContainsSubstring("plan.cases[1].part: is empty"));
  CHECK_THAT(refusal_of(full_run(), "\"part\": \"silu_mul\"",
                        "\"whole_of\": [\"" + case_of("silu_mul") + "\"], \"part\": \"silu_mul\""),
             ContainsSubstring("plan.cases[1].whole_of: the case is made of itself"));
  CHECK_THAT(refusal_of(full_run(), "\"sources\": [",
                        "\"sources\": [{\"id\": \"decode\", \"request\": 0}, "),
             ContainsSubstring("plan.sources[1].id: 'decode' stands twice"));
  // "passed" is not taken on trust.
  CHECK_THAT(refusal_of(full_run(), "\"error\":0.0001", "\"error\":0.5"),
             ContainsSubstring("passed: is true, but the error is not within the limit"));
  CHECK_THAT(refusal_of(full_run(), "\"error\":0.0001,", ""), ContainsSubstring("passed: is true"));
}

TEST_CASE("a gpu_id from a file can't name a folder", "[record]") {
  // The id becomes baselines/<gpu_id>.toml, which a refresh writes.
  CHECK_THAT(refusal_of(full_run(), "\"gpu_id\": \"h200\"", "\"gpu_id\": \"../../h200\""),
             ContainsSubstring("gpu_id: "));
}

TEST_CASE("every beginning of a record is refused, none crashes", "[record]") {
  const std::string text = write_record(full_run(), RawSamples::leave_out);
  for (std::size_t length = 0; length + 1 < text.size(); length += 37)
    REQUIRE_THROWS_AS(read_record(text.substr(0, length), "r.json"), UsageError);
}

TEST_CASE("a record with a flipped byte is read or refused, never a crash", "[record]") {
  const std::string text = write_record(full_run(), RawSamples::leave_out);
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string broken = text;
    broken[random() % broken.size()] = static_cast<char>(random() % 256);
    try {
      read_record(broken, "r.json");
    } catch (const UsageError&) {
    }
  }
  SUCCEED();
}

TEST_CASE("processes are added only when plan and GPU agree", "[record]") {
  RunRecord run = run_of(small_plan(), {{10}, {5}});
  const RunRecord part = run;
  append_processes(run, part, run.plan);
  CHECK(run.processes.size() == 4);
  RunRecord other_plan = part;
  other_plan.plan.samples = 100;
  CHECK_THAT(error_of<NoVerdict>([&] { append_processes(run, other_plan, run.plan); }),
             ContainsSubstring("another plan"));
  RunRecord other_gpu = part;
  other_gpu.gpu->uuid = "GPU-bbbb";
  CHECK_THAT(error_of<NoVerdict>([&] { append_processes(run, other_gpu, run.plan); }),
             ContainsSubstring("GPU-aaaa") && ContainsSubstring("GPU-bbbb"));
  CHECK(run.processes.size() == 4);
}
