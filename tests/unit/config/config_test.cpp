// SPDX-License-Identifier: Apache-2.0
#include "gate/config/config.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

std::string shipped() {
  return source_file("configs/perfgate.toml");
}

std::string refusal(std::string_view from, std::string_view to) {
  return error_of<UsageError>([&] { parse_policy(replaced(shipped(), from, to), "p.toml"); });
}

const std::string small_model = R"(schema = 1
name = "m"
hidden = 4096
layers = 32
query_heads = 32
kv_heads = 8
head_dim = 128
intermediate = 14336
vocab = 1000
rope_theta = 1e4
rms_eps = 1e-5
)";

std::string model_refusal(std::string_view from, std::string_view to) {
  return error_of<UsageError>([&] { parse_model(replaced(small_model, from, to), "m.toml"); });
}

}  // namespace

TEST_CASE("the shipped policy", "[config]") {
  const Policy policy = parse_policy(shipped(), "perfgate.toml");
  CHECK(policy.measure.processes >= 2);
  CHECK(policy.measure.baseline_processes >= 12);  // as docs/formats.md asks
  CHECK(policy.measure.samples >= 200);
  // The parser converts floor_us to seconds.
  CHECK(policy.judge.floor_s == Approx(0.1e-6));
  CHECK(policy.judge.on_inconclusive == OnInconclusive::fail);
  CHECK(policy.measure.clocks == ClockPolicy::observe);
}

TEST_CASE("the GEMM backend is a choice, and auto where none is given", "[config]") {
  CHECK(parse_policy(shipped(), "p.toml").measure.backend == GemmBackend::automatic);
  const std::string chosen = replaced(shipped(), "backend = \"auto\"", "backend = \"own\"");
  CHECK(parse_policy(chosen, "p.toml").measure.backend == GemmBackend::own);
}

TEST_CASE("values out of range name file, line, key and range", "[config]") {
  CHECK_THAT(refusal("processes = 5", "processes = 1"),
             ContainsSubstring("measure.processes: 1 is outside 2 to 1000"));
  CHECK_THAT(refusal("processes = 5", "processes = 1"), StartsWith("p.toml:11: "));
  CHECK_THAT(refusal("baseline_processes = 12", "baseline_processes = 11"),
             ContainsSubstring("measure.baseline_processes: 11 is outside 12 to 1000"));
  CHECK_THAT(refusal("timeout_s = 120", "timeout_s = 0"),
             ContainsSubstring("measure.timeout_s: 0 is outside 1 to 86400"));
  CHECK_THAT(refusal("\nalpha = 0.001", "\nalpha = 0.0"),
             ContainsSubstring("judge.alpha: 0 is outside"));
  CHECK_THAT(refusal("\nalpha = 0.001", "\nalpha = 0.5"), ContainsSubstring("judge.alpha"));
  CHECK_THAT(refusal("\nalpha = 0.001", "\nalpha = nan"), ContainsSubstring("finite"));
  CHECK_THAT(refusal("percent = 0.8", "percent = -2.0"),
             ContainsSubstring("judge.tolerance[0].percent: -2 is outside"));
  CHECK_THAT(refusal("batches = [1, 16]", "batches = [1, 65]"),
             ContainsSubstring("suite.batches: 65 is outside 1 to 64"));
  CHECK_THAT(refusal("batches = [1, 16]", "batches = []"), ContainsSubstring("nothing would be"));
  CHECK_THAT(refusal("seed = 20240613", "seed = -1"), ContainsSubstring("measure.seed"));
  CHECK_THAT(refusal("seed = 20240613", "seed = 1.0"),
             ContainsSubstring("measure.seed: expected an integer, found a number"));
}

TEST_CASE("unknown words are refused by name", "[config]") {
  CHECK_THAT(refusal("clocks = \"observe\"", "clocks = \"observ\""),
             ContainsSubstring("measure.clocks: unknown 'observ' (did you mean 'observe'?)"));
  CHECK_THAT(refusal("backend = \"auto\"", "backend = \"cubla\""),
             ContainsSubstring("measure.backend: unknown 'cubla' (did you mean 'cublas'?)"));
  CHECK_THAT(
      refusal("[\"fp16\"]", "[\"fp32\"]"),
      ContainsSubstring("suite.dtypes: unknown 'fp32' (did you mean 'fp16'?); known: fp16, bf16"));
  CHECK_THAT(refusal("on_inconclusive = \"fail\"", "on_inconclusive = \"ignore\""),
             ContainsSubstring("judge.on_inconclusive: unknown 'ignore'"));
  CHECK_THAT(refusal("floor_us", "flor_us"), ContainsSubstring("judge.floor_us: missing"));
  CHECK_THAT(refusal("samples = 200", "samples = 200\nsample = 200"),
             ContainsSubstring("measure.sample: unknown key (did you mean 'samples'?)"));
}

TEST_CASE("every case has a tolerance, and every tolerance a why", "[config]") {
  CHECK_THAT(refusal("cases = \"*\"", "cases = \"*/o_proj\""),
             ContainsSubstring("the first entry must be for cases = \"*\""));
  const std::string text = shipped();
  const std::size_t why = text.find("why = ");
  CHECK_THAT(refusal(text.substr(why, text.find('\n', why) - why), "why = \"\""),
             ContainsSubstring("judge.tolerance[0].why: is empty"));
}

TEST_CASE("every metric that decides says why", "[config]") {
  CHECK_THAT(refusal("floor = 1e5", "floor = -1"), ContainsSubstring("judge.metric[1].floor: -1"));
  CHECK_THAT(refusal("percent = 0.5\nfloor = 0\nwhy = ", "percent = 0.5\nfloor = 0\nwhy = \"\"#"),
             ContainsSubstring("judge.metric[0].why: is empty"));
}

TEST_CASE("the last entry for a metric and a case wins; without one it decides nothing",
          "[config]") {
  JudgePolicy policy;
  policy.metric_tolerances = {{"ipc", "*", 0.02, 0, ""}, {"ipc", "*/o_proj", 0.05, 0, ""}};
  CHECK(policy.metric_tolerance("ipc", "llama/b1/silu_mul")->ratio == 0.02);
  CHECK(policy.metric_tolerance("ipc", "llama/b1/o_proj")->ratio == 0.05);
  CHECK(policy.metric_tolerance("instructions", "llama/b1/o_proj") == nullptr);
}

TEST_CASE("a suite that names a thing twice is refused", "[config]") {
  // Two cases with the same id would be one case that is counted twice.
  CHECK_THAT(refusal("batches = [1, 16]", "batches = [16, 16]"),
             ContainsSubstring("suite.batches: "));
  CHECK_THAT(refusal("[\"fp16\"]", "[\"fp16\", \"fp16\"]"), ContainsSubstring("suite.dtypes: "));
}

TEST_CASE("the last tolerance that matches wins", "[config]") {
  JudgePolicy policy;
  policy.tolerances = {{"*", 0.02, ""}, {"*/o_proj", 0.05, ""}, {"llama*/o_proj", 0.01, ""}};
  CHECK(policy.tolerance_of("llama/b1/silu_mul").ratio == 0.02);
  CHECK(policy.tolerance_of("mistral/b1/o_proj").ratio == 0.05);
  CHECK(policy.tolerance_of("llama/b1/o_proj").ratio == 0.01);
}

TEST_CASE("a model's limits are the kernels' limits", "[config]") {
  CHECK(parse_model(small_model, "m.toml").kv_heads == 8);
  CHECK_THAT(model_refusal("head_dim = 128", "head_dim = 64"),
             ContainsSubstring("m.toml:7: head_dim: 64 is outside 128 to 128"));
  CHECK_THAT(model_refusal("kv_heads = 8", "kv_heads = 5"),
             ContainsSubstring("m.toml:6: kv_heads: query_heads must be 1 to 8 times kv_heads"));
  CHECK_THAT(model_refusal("kv_heads = 8", "kv_heads = 2"), ContainsSubstring("kv_heads"));
  CHECK_THAT(model_refusal("kv_heads = 8", "kv_heads = 64"), ContainsSubstring("kv_heads"));
  CHECK_THAT(model_refusal("hidden = 4096", "hidden = 4100"),
             ContainsSubstring("hidden: must be a multiple of 8"));
  CHECK_THAT(model_refusal("intermediate = 14336", "intermediate = 14340"),
             ContainsSubstring("intermediate: must be a multiple of 8"));
}

TEST_CASE("a model has a bias or norms of its heads where it says so", "[config]") {
  const ModelShape plain = parse_model(small_model, "m.toml");
  CHECK_FALSE(plain.qkv_bias);
  CHECK_FALSE(plain.qk_norm);
  CHECK(parse_model(small_model + "qkv_bias = true\n", "m.toml").qkv_bias);
  CHECK(parse_model(small_model + "qk_norm = true\n", "m.toml").qk_norm);
  CHECK_FALSE(parse_model(small_model + "qk_norm = false\n", "m.toml").qk_norm);
  CHECK_THAT(model_refusal("rms_eps = 1e-5", "rms_eps = 1e-5\nqkv_bais = true"),
             ContainsSubstring("did you mean 'qkv_bias'?"));
  CHECK_THAT(model_refusal("rms_eps = 1e-5", "rms_eps = 1e-5\nqk_norm = 1"),
             ContainsSubstring("m.toml:12: qk_norm: "));
}

TEST_CASE("the shipped models weigh what their published shapes do", "[config]") {
  // The four projections of a layer in elements, worked out by hand: H(hq + 2hk)d + H hq d + 3HI.
  const std::vector<std::pair<std::string, double>> elements{
      {"llama-2-7b", 202375168},      {"llama-3.1-8b", 218103808},
      {"mistral-7b-v0.3", 218103808}, {"llama-3.1-70b-tp4", 213909504},
      {"qwen3-8b", 192937984},        {"llama-3.1-70b-tp8", 106954752},
      {"qwen2.5-7b", 233046016},
  };
  for (const auto& [name, projections] : elements) {
    const ModelShape shape = parse_model(source_file("configs/models/" + name + ".toml"), name);
    CHECK(shape.name == name);
    CHECK(shape.qkv_bias == (name == "qwen2.5-7b"));
    CHECK(shape.qk_norm == (name == "qwen3-8b"));
    const double small =
        2.0 * shape.hidden + (shape.qkv_bias ? 36 * 128 : 0) + (shape.qk_norm ? 2 * 128 : 0);
    CHECK(layer_weight_bytes(workload(shape)) == 2 * (projections + small));
  }
}

TEST_CASE("a GPU's datasheet is read in SI units", "[config]") {
  const GpuModel gpu = parse_gpu(source_file("configs/gpus/h100.toml"), "h100.toml");
  CHECK(gpu.id == "h100");
  CHECK(gpu.chip == "GH100");
  CHECK(gpu.dram_bytes_per_s == Approx(3.352e12));  // 3.35 TB/s, H100 SXM datasheet
  CHECK(gpu.fp16_flops == Approx(989e12));          // dense
  CHECK(gpu.boost_hz == Approx(1.98e9));
}

TEST_CASE("a GPU's id", "[config]") {
  const std::vector<GpuModel> gpus{
      parse_gpu(source_file("configs/gpus/h100.toml"), "f"),
      parse_gpu(source_file("configs/gpus/a100.toml"), "f"),
  };
  CHECK(gpu_id(gpus, "NVIDIA A100-SXM4-80GB") == "a100");
  CHECK(gpu_id(gpus, "NVIDIA H100 80GB HBM3") == "h100");
  // This product of the family has different memory, so it is not h100.
  CHECK(gpu_id(gpus, "NVIDIA H100 PCIe") == "nvidia-h100-pcie");
  CHECK(gpu_id(gpus, "NVIDIA GeForce RTX 5090") == "nvidia-geforce-rtx-5090");
  // The id names a file: no separator, no dots, never empty.
  CHECK(gpu_id(gpus, "../../etc/passwd") == "etc-passwd");
  CHECK(gpu_id(gpus, "--- ") == "unknown");
  CHECK(find_gpu(gpus, "a100") == &gpus[1]);
  CHECK(find_gpu(gpus, "a10") == nullptr);
}
