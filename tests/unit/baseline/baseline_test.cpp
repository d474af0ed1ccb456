// SPDX-License-Identifier: Apache-2.0
#include "gate/baseline/baseline.h"

#include "gate/baseline/tuning.h"

#include <cmath>
#include <random>

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

Baseline full_baseline() {
  Baseline baseline = baseline_of(small_plan(), {{10, 11.123456, 12}, {5, 6, 7}});
  baseline.gpu.vbios = "96.00";
  baseline.gpu.power_limit_w = 700.5;
  baseline.gpu.ecc = true;
  baseline.gpu.mig = false;
  baseline.clocks = ClockPolicy::verify;
  baseline.cases[0].kernels[0].code = "0123456789abcdef";
  return baseline;
}

std::string refusal(std::string_view from, std::string_view to) {
  const std::string text = replaced(write_baseline(full_baseline()), from, to);
  return error_of<UsageError>([&] { read_baseline(text, "b.toml"); });
}

}  // namespace

TEST_CASE("the settings of every source stand in a baseline", "[baseline]") {
  Baseline baseline = full_baseline();
  REQUIRE(baseline.settings.size() == 1);
  CHECK(baseline.settings.at("decode").at("gemm_backend") == "auto");
  CHECK(baseline.settings.at("decode").at("dither") == "up to 120 us");
  CHECK_THAT(baseline.settings.at("decode").at("work of llama-2-7b/b1/s1024/fp16"),
             StartsWith("hidden 4096, "));
  baseline.settings["without any"];
  baseline.settings["my \"app\""] = {{"batch size", "8"}, {"model", "a = b"}};
  const std::string text = write_baseline(baseline);
  CHECK_THAT(text, ContainsSubstring("[source.decode]\ndither = \"up to 120 us\"\n"
                                     "gemm_backend = \"auto\"\n"));
  CHECK(read_baseline(text, "b.toml").settings == baseline.settings);
  baseline.settings.clear();
  CHECK(read_baseline(write_baseline(baseline), "b.toml").settings.empty());
}

TEST_CASE("a baseline that is written, read and written is the same", "[baseline]") {
  const std::string once = write_baseline(full_baseline());
  const Baseline back = read_baseline(once, "b.toml");
  CHECK(write_baseline(back) == once);
  CHECK(back.gpu == full_baseline().gpu);
  CHECK(back.clocks == ClockPolicy::verify);
  CHECK(back.settings == full_baseline().settings);
  CHECK(back.commit == "0123456789abcdef0123456789abcdef01234567");
  REQUIRE(back.find(case_of("o_proj")));
  CHECK(back.find(case_of("o_proj"))->durations_s()[1] == Approx(11.123456e-6));
  CHECK(back.find(case_of("o_proj"))->kernels == full_baseline().cases[0].kernels);
  CHECK(back.find(case_of("o_proj"))->kernels[0].code == "0123456789abcdef");
  CHECK(back.find(case_of("silu_mul"))->kernels[0].code == "");
  CHECK(once.find("\ncode = ") == once.rfind("\ncode = "));  // it occurs once
  CHECK(back.find(case_of("rotary")) == nullptr);
}

TEST_CASE("random baselines survive writing and reading", "[baseline]") {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> us(0.5, 5000), exponent(-9, 15);
  for (int round = 0; round < 50; ++round) {
    Baseline baseline =
        baseline_of(small_plan(), {{us(random), us(random)}, {us(random), us(random)}});
    baseline.cases[0].metrics["ipc"] = std::pow(10.0, exponent(random));
    baseline.cases[0].metrics["hbm_throughput"] = std::floor(us(random) * 1e9);
    baseline.sessions.at(1).sentinels = Sentinels{us(random) * 1e10, us(random) * 1e12};
    const std::string once = write_baseline(baseline);
    const Baseline back = read_baseline(once, "b.toml");
    REQUIRE(write_baseline(back) == once);
    // Measurements keep seven digits, counts keep every digit.
    CHECK(back.cases[0].durations_s()[0] ==
          Approx(baseline.cases[0].durations_s()[0]).epsilon(1e-6));
    CHECK(back.cases[0].metrics.at("hbm_throughput") ==
          baseline.cases[0].metrics["hbm_throughput"]);
  }
}

TEST_CASE("the order is the plan's and a metric is one line", "[baseline]") {
  const std::string text = write_baseline(full_baseline());
  CHECK(text.find("o_proj") < text.find("silu_mul"));
  CHECK_THAT(text, ContainsSubstring("\nduration_us.1 = [10.0, 11.12346, 12.0]\n"));
  CHECK_THAT(text, ContainsSubstring("\nmetrics.hbm_throughput = 0.875\n"));
  CHECK_THAT(text, ContainsSubstring("\nread_gb_per_s = 4000.0\nfma_tflops = 60.0\n"));
  const auto back = read_baseline(text, "b.toml");
  CHECK(back.cases[0].id == case_of("o_proj"));
  CHECK(back.cases[1].id == case_of("silu_mul"));
}

TEST_CASE("the provenance stands in the file", "[baseline]") {
  const std::string text = write_baseline(full_baseline());
  for (const char* line :
       {"gpu_id = \"h200\"", "created = \"2025-01-02T03:04:05Z\"", "perfgate = \"0.1.0\"",
        "commit = \"0123456789abcdef0123456789abcdef01234567\"", "command = \"perfgate\"",
        "driver = \"570.86.15\"", "uuid = \"GPU-aaaa\""})
    CHECK_THAT(text, ContainsSubstring(line));
}

TEST_CASE("no text breaks the file", "[baseline]") {
  Baseline baseline = full_baseline();
  baseline.command = "perfgate \"a\\b\" \n[evil]\tx\x7f \x01 µs";
  baseline.cases[0].kernels[0].name = "k<\"quoted\", 'x'>(int*)\r\n";
  const std::string id = "a metric.\"of\" \\ another tool";
  baseline.cases[0].metrics[id] = 0.5;
  baseline.definitions[id] = "text";
  const Baseline back = read_baseline(write_baseline(baseline), "b.toml");
  CHECK(back.command == baseline.command);
  CHECK(back.cases[0].kernels[0].name == baseline.cases[0].kernels[0].name);
  CHECK(back.cases[0].metrics == baseline.cases[0].metrics);
  CHECK(back.definitions == baseline.definitions);
  // Invalid UTF-8 comes from argv; TOML cannot express it, but the file must stay readable.
  baseline.command = "perfgate --json \xff\xfe.json";
  CHECK_NOTHROW(read_baseline(write_baseline(baseline), "b.toml"));
}

TEST_CASE("cases that fewer than two processes measured are left out", "[baseline]") {
  const Baseline baseline = baseline_of(small_plan(), {{10, 11}, {5, -1}});
  CHECK(baseline.find(case_of("o_proj")));
  CHECK_FALSE(baseline.find(case_of("silu_mul")));
  RunRecord empty = run_of(small_plan(), {{10, 11}, {5, 6}});
  empty.gpu.reset();
  CHECK_THROWS_AS(make_baseline(empty), NoVerdict);
}

TEST_CASE("a baseline is refused with file, line and key", "[baseline]") {
  CHECK_THAT(refusal("schema = 3", "schema = 7"),
             StartsWith("b.toml:2: schema: this perfgate reads schema 2 to 3, the file has 7"));
  CHECK_THAT(refusal("clocks = \"verify\"", "clocks = \"free\""),
             StartsWith("b.toml:4: clocks: unknown 'free'; known: lock, verify, observe"));
  CHECK_THAT(refusal("commit = ", "comit = "), ContainsSubstring("provenance.commit: missing"));
  CHECK_THAT(refusal("sm_count = 132", "sm_count = 132\nsm_cuont = 1"),
             ContainsSubstring("gpu.sm_cuont: unknown key (did you mean 'sm_count'?)"));
  CHECK_THAT(refusal("[10.0, 11.12346, 12.0]", "[10.0]"),
             ContainsSubstring("needs the statistics of at least two processes"));
  CHECK_THAT(refusal("[10.0, 11.12346, 12.0]", "[10.0, -1.0]"),
             ContainsSubstring("-1 is not a duration"));
  for (const char* speed : {"0.0", "-1.0", "1e-100", "1e99"})
    CHECK_THAT(refusal("read_gb_per_s = 4000.0", std::string("read_gb_per_s = ") + speed),
               ContainsSubstring("session.1.read_gb_per_s: ") &&
                   ContainsSubstring(" is no device's speed"));
  CHECK_THAT(refusal("duration_us.1", "duration_us.2"),
             ContainsSubstring("duration_us.2: the file has no [session.2]"));
  CHECK_THAT(refusal("[session.1]", "[session.01]"),
             ContainsSubstring("session.01: is not the number of a session, 1 to 9999"));
  CHECK_THAT(refusal("[session.1]", "[session.one]"), ContainsSubstring("is not the number"));
  CHECK_THAT(refusal("[132, 1, 1, 256, 1, 1]", "[132, 1, 1]"),
             ContainsSubstring("launch: expected grid x, y, z and block x, y, z"));
  const std::string bad_code = refusal("code = \"0123456789abcdef\"", "code = \"zz\"");
  CHECK_THAT(bad_code, StartsWith("b.toml:") &&
                           ContainsSubstring("code: 'zz': expected 16 digits") &&
                           ContainsSubstring("leave the key out"));
}

TEST_CASE("a baseline that was edited by hand is refused, and the fix named", "[baseline]") {
  CHECK_THAT(refusal("[10.0, 11.12346, 12.0]", "[10.0, 11.12346, 12.1]"),
             StartsWith("b.toml:6: checksum: does not fit the file") &&
                 EndsWith("measure it again with `perfgate baseline refresh`"));
  CHECK_THAT(refusal("# Written", "# Made"), ContainsSubstring("checksum: does not fit"));
  CHECK_THAT(refusal("checksum = ", "\"checksum\" = "),
             ContainsSubstring("checksum: does not fit"));
  // Files that are older than the checksums can still be read.
  const std::string text = write_baseline(full_baseline());
  const std::size_t line = text.find("checksum");
  CHECK_NOTHROW(read_baseline(replaced(text, text.substr(line, 30), ""), "b.toml"));
}

TEST_CASE("accepted changes and sessions survive", "[baseline]") {
  Baseline baseline = full_baseline();
  baseline.accepted = {
      {case_of("o_proj"), "the \"new\" tile", "2025-02-03T04:05:06Z", 1e-5, 1.1e-5}};
  baseline.sessions[12] = {"2025-02-03T04:05:06Z", "", "GPU-b"};
  baseline.sessions[12].beat = SessionBeat{100.15e-6, 0.6e-6};
  baseline.cases[1].sessions_s[12] = {1e-5, 2e-5};
  const std::string once = write_baseline(baseline);
  CHECK_THAT(once, ContainsSubstring("\n[[accepted]]\ncase = \"" + case_of("o_proj") +
                                     "\"\nwhy = \"the \\\"new\\\" tile\"\n") &&
                       ContainsSubstring("\nold_us = 10.0\nnew_us = 11.0\n") &&
                       ContainsSubstring("\n[session.12]\ncreated = \"2025-02-03T04:05:06Z\"\n"
                                         "commit = \"\"\nboard = \"GPU-b\"\n"
                                         "beat_us = 100.15\nbeat_length_us = 0.6\n") &&
                       ContainsSubstring("\nduration_us.12 = [10.0, 20.0]\n"));
  const Baseline back = read_baseline(once, "b.toml");
  CHECK(write_baseline(back) == once);
  REQUIRE(back.accepted.size() == 1);
  CHECK(back.accepted[0].why == "the \"new\" tile");
  CHECK(back.cases[0].sessions_s.size() == 1);
  CHECK(back.cases[1].sessions_s.size() == 2);
  CHECK(back.sessions.at(12).created == "2025-02-03T04:05:06Z");
  REQUIRE(back.sessions.at(12).beat);
  CHECK_FALSE(back.sessions.at(1).beat);
  CHECK_THAT(error_of<UsageError>([&] {
               read_baseline(replaced(once, "beat_length_us = 0.6", "beat_length_us = 0.0"),
                             "b.toml");
             }),
             ContainsSubstring("beat_length_us: 0 is not a duration"));
  CHECK_THAT(error_of<UsageError>(
                 [&] { read_baseline(replaced(once, "old_us = 10.0", "old_us = 0.0"), "b.toml"); }),
             ContainsSubstring("accepted[0].old_us: 0 is not a duration"));
}

TEST_CASE("choices of GEMM kernels survive, and a bad one is refused", "[baseline]") {
  Baseline baseline = full_baseline();
  baseline.tuning = {{1, 4096, 14336, "fp16", "skinny_r32_d2_p1", 0.0125},
                     {16, 4096, 14336, "bf16", "tma_r96_s1"}};
  const std::string once = write_baseline(baseline);
  CHECK_THAT(once, ContainsSubstring("\n[[tuning]]\nbatch = 1\nn = 4096\nk = 14336\ndtype = "
                                     "\"fp16\"\nvariant = \"skinny_r32_d2_p1\"\n"
                                     "margin_percent = 1.25\n"));
  const Baseline back = read_baseline(once, "b.toml");
  CHECK(write_baseline(back) == once);
  CHECK(back.tuning == baseline.tuning);
  const std::vector<GemmChoice> choices = choices_of(back);
  REQUIRE(choices.size() == 2);
  CHECK(choices[0].shape == GemmShape{1, 4096, 14336});
  CHECK(choices[0].margin == 0.0125);
  CHECK(choices[1].dtype == DType::bf16);
  CHECK(choices[1].variant == "tma_r96_s1");
  const auto refusal = [&](const std::string& from, const std::string& to) {
    return error_of<UsageError>([&] { read_baseline(replaced(once, from, to), "b.toml"); });
  };
  CHECK_THAT(refusal("batch = 16", "batch = 65"), ContainsSubstring("tuning[1].batch"));
  CHECK_THAT(refusal("batch = 16", "batch = 0"), ContainsSubstring("tuning[1].batch"));
  CHECK_THAT(refusal("k = 14336", "k = 4"), ContainsSubstring("tuning[0].k"));
  CHECK_THAT(refusal("dtype = \"bf16\"", "dtype = \"fp8\""), ContainsSubstring("tuning[1].dtype"));
  CHECK_THAT(refusal("batch = 16\nn = 4096\nk = 14336\ndtype = \"bf16\"",
                     "batch = 1\nn = 4096\nk = 14336\ndtype = \"fp16\""),
             ContainsSubstring("tuning[1].variant: a second choice for the same GEMM"));
}

TEST_CASE("a file of schema 2 is read as one session, its cases of later dates as others",
          "[baseline]") {
  const std::string text = R"(schema = 2
gpu_id = "h200"
clocks = "observe"
[provenance]
created = "2025-01-02T03:04:05Z"
commit = "aaaa"
perfgate = "0.1.0"
command = "perfgate baseline refresh"
[gpu]
name = "NVIDIA H200"
uuid = "GPU-old"
compute_capability = "9.0"
sm_count = 132
l2_bytes = 62914560
memory_bytes = 150109880320
cuda = "13.0"
cublas = "13.1.0"
[sentinels]
read_gb_per_s = 4591.24
fma_tflops = 65.32136
[cases."m/b1/s1/fp16/a"]
duration_us = [10.0, 11.0]
[cases."m/b1/s1/fp16/b"]
duration_us = [5.0, 6.0]
created = "2025-02-03T04:05:06Z"
commit = "bbbb"
[cases."m/b1/s1/fp16/c"]
duration_us = [7.0, 8.0]
created = "2025-02-03T04:05:06Z"
commit = "bbbb"
)";
  const Baseline old = read_baseline(text, "b.toml");
  REQUIRE(old.sessions.size() == 2);
  CHECK(old.sessions.at(1).created == "2025-01-02T03:04:05Z");
  CHECK(old.sessions.at(1).board == "GPU-old");
  CHECK(old.sessions.at(2).commit == "bbbb");
  CHECK(old.sentinels()->read_bytes_per_s == Approx(4591.24e9));
  REQUIRE(old.cases[0].sessions_s.contains(1));
  CHECK(old.cases[0].sessions_s.at(1)[1] == Approx(11e-6));
  CHECK(old.cases[0].sessions_s.size() == 1);
  CHECK(old.cases[1].sessions_s.contains(2));
  CHECK(old.cases[2].sessions_s.contains(2));
}

TEST_CASE("a refresh says what changed", "[baseline]") {
  const Baseline before = baseline_of(small_plan(), {{10, 10}, {5, 5}});
  Baseline after = baseline_of(small_plan({"o_proj", "rotary"}), {{11, 11}, {3, 3}});
  std::vector<std::string> lines = diff_baselines(before, after);
  REQUIRE(lines.size() == 3);
  // The order is the plan's: rotary comes before o_proj.
  CHECK(lines[0] == "+ " + case_of("rotary") + "  11.00 us");
  CHECK(lines[1] == "  " + case_of("o_proj") + "  10.00 -> 3.00 us (-70.0 %)");
  CHECK(lines[2] == "- " + case_of("silu_mul"));
  after = before;
  after.cases[0].kernels[0].registers = 65;
  lines = diff_baselines(before, after);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[1], ContainsSubstring("64 registers -> ") && ContainsSubstring("65 registers"));
}

TEST_CASE("a refresh shows other code, and no code where none was known", "[baseline]") {
  const Baseline unknown = baseline_of(small_plan(), {{10, 10}, {5, 5}});
  Baseline before = unknown, after = unknown;
  before.cases[0].kernels[0].code = "0123456789abcdef";
  after.cases[0].kernels[0].code = "fedcba9876543210";
  const std::vector<std::string> lines = diff_baselines(before, after);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[1], ContainsSubstring("64 registers, code 01234567 -> ") &&
                           EndsWith("64 registers, code fedcba98"));
  CHECK(diff_baselines(unknown, after).size() == 2);
  CHECK(diff_baselines(after, unknown).size() == 2);
  after.cases[0].kernels[0].registers = 65;
  CHECK_THAT(diff_baselines(unknown, after)[1],
             ContainsSubstring("64 registers -> ") && EndsWith("65 registers, code fedcba98"));
}

TEST_CASE("a board's own file is named after the first digits of its UUID", "[baseline]") {
  CHECK(board_file({"h100", "GPU-eed0a850-1234-5678"}) == "h100.eed0a850.toml");
  CHECK(board_file({"h100", "GPU-ab/../cd"}) == "h100.abcd.toml");
  CHECK(board_file({"h100", ""}) == "h100.toml");
}

TEST_CASE("numbers that no GPU and no launch has are refused", "[baseline]") {
  const std::string text = write_baseline(full_baseline());
  const auto refused = [&](const std::string& key, const std::string& value) {
    const std::size_t at = text.find("\n" + key + " = ") + 1;
    REQUIRE(at != 0);
    std::string changed = text;
    changed.replace(at, text.find('\n', at) - at, key + " = " + value);
    return error_of<UsageError>([&] { read_baseline(changed, "b.toml"); });
  };
  CHECK_THAT(refused("sm_count", "-132"), ContainsSubstring("sm_count: -132 is outside"));
  CHECK_THAT(refused("sm_count", "4294967428"), ContainsSubstring("is outside"));
  CHECK_THAT(refused("l2_bytes", "-1"), ContainsSubstring("l2_bytes: -1 is outside"));
  CHECK_THAT(refused("memory_bytes", "-1"), ContainsSubstring("memory_bytes: -1 is outside"));
  CHECK_THAT(refused("registers", "-1"), ContainsSubstring("registers: -1 is outside"));
  CHECK_THAT(refused("shared_bytes", "-1"), ContainsSubstring("shared_bytes: -1 is outside"));
  CHECK_THAT(refused("launch", "[1, 1, 0, 1, 1, 1]"),
             ContainsSubstring("launch: a grid or a block of less than 1"));
  for (const char* id : {"\"../h100\"", "\"H100\"", "\"a b\"", "\"h100\\n\""})
    CHECK_THAT(refused("gpu_id", id),
               ContainsSubstring("gpu_id: is made of other than a to z, 0 to 9 and -"));
  CHECK_THAT(refused("duration_us.1", "[5e-324, 5e-324]"),
             ContainsSubstring("duration_us.1: expected a finite number"));
  CHECK_THAT(refused("read_gb_per_s", "1e308"),
             ContainsSubstring("read_gb_per_s: expected a finite number"));
}
