// SPDX-License-Identifier: Apache-2.0
// Rooflines against arithmetic from outside: a GEMM's operations and bytes, the ridge points that
// the A100's datasheet gives.
#include "gate/diagnose/roofline.h"

#include <cmath>

#include "gate/judge/launch_match.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

GpuModel a100() {
  GpuModel gpu;
  gpu.fp16_flops = 312e12;
  gpu.fp32_flops = 19.5e12;
  gpu.boost_hz = 1.41e9;
  return gpu;
}

Roofline roofline_of(const std::string& stage, const RooflineInput& input) {
  const Plan plan = small_plan({stage});
  const GpuModel gpu = a100();
  return make_roofline(plan.cases.at(0).work, input, &gpu).value();
}

RooflineInput gemm_input() {
  // gate_up_proj of llama-2-7b at batch 1: 22016 * 4096 weights of two bytes.
  return {100e-6,
          {{"hbm_read", 180355072.0}, {"hbm_write", 0}, {"sm_clock", 1.41e9}},
          Sentinels{2e12, 1.9e13}};
}

bool near(double a, double b) {
  return std::abs(a / b - 1) < 1e-6;
}

}  // namespace

TEST_CASE("operations are those of the operators", "[roofline]") {
  const Workload one = workload(llama_2_7b(), 1, 1024);
  CHECK(stage_operations(one, Stage::gate_up_proj) == 2.0 * 22016 * 4096);
  CHECK(stage_operations(workload(llama_2_7b(), 16), Stage::o_proj) == 2.0 * 16 * 4096 * 4096);
  // q k^T and p v: two products of 32 heads, 1024 tokens, 128 dimensions.
  CHECK(stage_operations(one, Stage::attention) == 2 * 2.0 * 32 * 1024 * 128);
  CHECK(stage_operations(one, Stage::kv_write) == 0);
}

TEST_CASE("a decode GEMM is one operation a byte, and bound by HBM", "[roofline]") {
  const Roofline roofline = roofline_of("gate_up_proj", gemm_input());
  CHECK(roofline.pipe == Pipe::tensor);
  CHECK(near(*roofline.intensity, 1));
  CHECK(near(*roofline.operations_per_s, 180355072.0 / 100e-6));
  CHECK(near(*roofline.hbm_share(), 0.90177536));  // 1.8036 of 2 TB/s
  CHECK(near(*roofline.attainable(), 2e12));
  CHECK(roofline.bound == Bound::hbm);
  CHECK(bound_words(roofline) ==
        "bound by HBM bandwidth (HBM 90.2 % of the measured 2000 GB/s, FP16 tensor cores 0.6 % of "
        "312 TFLOP/s at 1410 MHz)");
}

TEST_CASE("a pipe's roof goes with the clock: the ridge of the A100 at 1.15 GHz", "[roofline]") {
  // 312 TFLOP/s at 1.41 GHz are 254.5 at 1.15 GHz; over 2.035 TB/s that is 125 and not 156.
  RooflineInput input = gemm_input();
  input.metrics["sm_clock"] = 1.15e9;
  input.sentinels->read_bytes_per_s = 2.035e12;
  const Roofline roofline = roofline_of("gate_up_proj", input);
  const double roof = roofline.pipe_roofs[static_cast<std::size_t>(Pipe::tensor)].value();
  CHECK(std::abs(roof - 254.5e12) < 0.1e12);
  CHECK(std::abs(roof / *roofline.hbm_roof - 125) < 0.1);
}

TEST_CASE("what uses nothing to 60 % is bound by latency", "[roofline]") {
  RooflineInput input = gemm_input();
  input.duration_s = 160e-6;  // 56 % of the roof
  CHECK(roofline_of("gate_up_proj", input).bound == Bound::latency);
  input.metrics["l2_throughput"] = 0.7;
  CHECK(roofline_of("gate_up_proj", input).bound == Bound::l2);
}

TEST_CASE("much work on few bytes is bound by its pipe", "[roofline]") {
  RooflineInput input = gemm_input();
  input.metrics["hbm_read"] = 1e3;
  input.duration_s = 180355072.0 / 250e12;
  CHECK(roofline_of("gate_up_proj", input).bound == Bound::pipe);
}

TEST_CASE("the pipe is the tensor cores' where their counter says so", "[roofline]") {
  CHECK(roofline_of("silu_mul", gemm_input()).pipe == Pipe::fp32);
  CHECK(roofline_of("attention", gemm_input()).pipe == Pipe::tensor);
  RooflineInput input = gemm_input();
  input.metrics["tensor_pipe"] = 0;
  CHECK(roofline_of("attention", input).pipe == Pipe::fp32);
  input.metrics["tensor_pipe"] = 0.1;
  CHECK(roofline_of("silu_mul", input).pipe == Pipe::tensor);
}

TEST_CASE("a program's kernel has a roofline by its counters", "[roofline]") {
  const GpuModel gpu = a100();
  RooflineInput input = gemm_input();
  input.metrics["sm_throughput"] = 0.3;
  const auto traffic = make_roofline(Work{}, input, &gpu);
  REQUIRE(traffic);
  CHECK_FALSE(traffic->operations);
  CHECK_FALSE(traffic->pipe);
  CHECK(traffic->bound == Bound::hbm);
  CHECK(bound_words(*traffic) ==
        "bound by HBM bandwidth (HBM 90.2 % of the measured 2000 GB/s, SMs 30.0 %)");
  input.metrics["hbm_read"] = 1e6;
  CHECK(make_roofline(Work{}, input, &gpu)->bound == Bound::latency);
  // Without operations, what the SMs' busiest unit does stands for them.
  input.metrics["sm_throughput"] = 0.8;
  CHECK(make_roofline(Work{}, input, &gpu)->bound == Bound::pipe);
}

TEST_CASE("operations are the counted ones of the pipe that the counters name", "[roofline]") {
  const GpuModel gpu = a100();
  RooflineInput input = gemm_input();
  input.metrics["tensor_pipe"] = 0.2;
  input.metrics["tensor_operations"] = 2 * 180355072.0;
  input.metrics["fp32_operations"] = 5;
  const auto tensor = make_roofline(Work{}, input, &gpu);
  CHECK(tensor->pipe == Pipe::tensor);
  CHECK(near(*tensor->intensity, 2));
  input.metrics["tensor_operations"] = 0;  // of a type that is not counted
  CHECK_FALSE(make_roofline(Work{}, input, &gpu)->operations);
  input.metrics["tensor_pipe"] = 0;
  const auto fp32 = make_roofline(Work{}, input, &gpu);
  CHECK(fp32->pipe == Pipe::fp32);
  CHECK(fp32->operations == 5);
  // What the source of a case tells comes first.
  input.metrics["tensor_pipe"] = 0.2;
  input.metrics["tensor_operations"] = 9;
  CHECK(roofline_of("o_proj", input).operations == 2.0 * 4096 * 4096);
}

TEST_CASE("what was not measured is absent", "[roofline]") {
  const Plan plan = small_plan({"o_proj"});
  const GpuModel gpu = a100();
  CHECK_FALSE(make_roofline(plan.cases[0].work, {std::nullopt}, &gpu));
  const auto bare = make_roofline(plan.cases[0].work, {10e-6}, &gpu);
  REQUIRE(bare);
  CHECK_FALSE(bare->intensity);
  CHECK_FALSE(bare->hbm_share());
  CHECK_FALSE(bare->pipe_share());
  CHECK_FALSE(bare->attainable());
  CHECK(bare->bound == Bound::unknown);
  Work no_bytes = plan.cases[0].work;
  no_bytes.dram_bytes.reset();
  CHECK(make_roofline(no_bytes, {10e-6}, &gpu));
  CHECK_FALSE(make_roofline(Work{}, {10e-6}, &gpu));  // its needs are unknown
  RooflineInput no_model = gemm_input();
  const auto unknown = make_roofline(plan.cases[0].work, no_model, nullptr);
  CHECK_FALSE(unknown->pipe_share());
  CHECK(unknown->hbm_share());
}

TEST_CASE("the tables are in the order of their enums", "[roofline]") {
  for (std::size_t i = 0; i < bounds.size(); ++i)
    CHECK(static_cast<std::size_t>(bounds[i].bound) == i);
  for (std::size_t i = 0; i < pipes.size(); ++i)
    CHECK(static_cast<std::size_t>(pipes[i].pipe) == i);
  for (std::size_t i = 0; i < code_matches.size(); ++i)
    CHECK(static_cast<std::size_t>(code_matches[i].match) == i);
}
