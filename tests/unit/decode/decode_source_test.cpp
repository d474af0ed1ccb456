// SPDX-License-Identifier: Apache-2.0
// The request for the built-in layer in a plan: written into the record, read back, refused by
// name.
#include "gate/decode/decode_source.h"

#include "gate/decode/layer_cases.h"
#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

ModelShape qwen() {
  ModelShape model = llama_2_7b();
  model.name = "qwen";
  return model;
}

std::string refusal(const std::function<void(Json&)>& edit) {
  Source source = decode_source({GemmBackend::own, {workload(llama_2_7b())}});
  edit(source.request);
  return error_of<UsageError>([&] { read_decode_request(source); });
}

}  // namespace

TEST_CASE("a request survives its source", "[decode_source]") {
  for (const GemmBackendInfo& info : gemm_backends) {
    const DecodeRequest request{info.backend,
                                {workload(llama_2_7b(), 16), workload(llama_3_8b(), 1, 64)}};
    const Source source = decode_source(request);
    CHECK(source.id == "decode");
    CHECK(source.settings.at("gemm_backend") == info.id);
    const DecodeRequest back = read_decode_request(source);
    CHECK(back.backend == request.backend);
    CHECK(back.workloads == request.workloads);
  }
}

TEST_CASE("random waits are asked for, and are a setting", "[decode_source]") {
  const Source waiting = decode_source({{}, {workload(llama_2_7b())}});
  CHECK(waiting.settings.at("dither") == "up to 120 us");
  CHECK(read_decode_request(waiting).dither_s == 120e-6);
  // Without waits nothing of them is written: that is what requests of an earlier perfgate say.
  const Source back_to_back = decode_source({{}, {workload(llama_2_7b())}, 0});
  CHECK(back_to_back.settings.count("dither") == 0);
  CHECK_FALSE(back_to_back.request.contains("dither_s"));
  CHECK(read_decode_request(back_to_back).dither_s == 0);
  Plan plan = small_plan();
  CHECK(decode_plan(plan).dither_s == 120e-6);
  plan.sources = {back_to_back};
  CHECK(decode_plan(plan).dither_s == 0);
}

TEST_CASE("stored choices of GEMM kernels reach the runner, and are a setting", "[decode_source]") {
  Plan plan = small_plan();
  plan.sources = {decode_source({{}, {workload(llama_2_7b())}})};
  CHECK(plan.sources[0].settings.count("gemm_variants") == 0);
  CHECK(decode_plan(plan).gemms.choices.empty());

  set_choices(
      plan, {{{1, 4096, 4096}, DType::fp16, "some", -0.002}, {{1, 64, 128}, DType::bf16, "other"}});
  CHECK(plan.sources[0].settings.at("gemm_variants") ==
        "1x4096x4096 fp16 some, 1x64x128 bf16 other");
  const std::vector<GemmChoice> found = decode_plan(plan).gemms.choices;
  REQUIRE(found.size() == 2);
  CHECK(found[1].shape == GemmShape{1, 64, 128});
  CHECK(found[1].dtype == DType::bf16);
  CHECK(found[1].variant == "other");
  CHECK(found[0].margin == -0.002);
  CHECK_FALSE(found[1].margin);
  CHECK(choices_of(plan).size() == 2);

  Json& choices = plan.sources[0].request["gemm_variants"];
  choices.push_back(choices[0]);
  CHECK_THAT(error_of<UsageError>([&] { decode_plan(plan); }),
             ContainsSubstring("two choices for 1x4096x4096 fp16 some"));
  choices.erase(2);

  plan.sources[0].request["gemm_backend"] = "cublas";
  CHECK_THAT(error_of<UsageError>([&] { decode_plan(plan); }),
             ContainsSubstring("request.gemm_variants: they need the gemm_backend 'auto'"));

  // Nothing is chosen where the backend is, nor in another source.
  plan.sources = {decode_source({GemmBackend::cublas, {workload(llama_2_7b())}})};
  set_choices(plan, {{{1, 4096, 4096}, DType::fp16, "some"}});
  CHECK(choices_of(plan).empty());
  plan.sources.clear();
  set_choices(plan, {{{1, 4096, 4096}, DType::fp16, "some"}});
  CHECK(choices_of(plan).empty());
}

TEST_CASE("a model's bias and norms are kept, and absent where there are none", "[decode_source]") {
  ModelShape model = qwen();
  CHECK(decode_source({{}, {workload(model)}}).request.dump().find("qk") == std::string::npos);
  model.qkv_bias = true;
  CHECK(read_decode_request(decode_source({{}, {workload(model)}})).workloads[0].model == model);
  model.qk_norm = true;
  CHECK(read_decode_request(decode_source({{}, {workload(model)}})).workloads[0].model == model);
}

TEST_CASE("a request is refused by what is wrong with it", "[decode_source]") {
  CHECK_THAT(refusal([](Json& json) { json["gemm_backend"] = "cutlass"; }),
             ContainsSubstring("source decode: request.gemm_backend: unknown 'cutlass'"));
  CHECK_THAT(refusal([](Json& json) { json["workloads"][0]["head_dim"] = 64; }),
             ContainsSubstring("request.workloads[0].head_dim: 64 is outside 128 to 128"));
  CHECK_THAT(refusal([](Json& json) { json["workloads"][0]["qk_norn"] = true; }),
             ContainsSubstring("did you mean 'qk_norm'?"));
  CHECK_THAT(refusal([](Json& json) { json["workloads"][0]["dtype"] = "fp61"; }),
             ContainsSubstring("did you mean 'fp16'?"));
  CHECK_THAT(refusal([](Json& json) { json["dither_s"] = -1e-6; }),
             ContainsSubstring("request.dither_s"));
  CHECK_THAT(refusal([](Json& json) { json["dither_s"] = 2; }),
             ContainsSubstring("request.dither_s: 2 s is longer than a second"));
  CHECK_THAT(refusal([](Json& json) { json = Json::array(); }),
             ContainsSubstring("expected an object"));
}

TEST_CASE("the runner finds the planned cases of each workload", "[decode_source]") {
  const Workload one = workload(llama_2_7b()), other = workload(llama_3_8b());
  Plan plan = small_plan({"o_proj", "layer"});
  plan.sources = {decode_source({GemmBackend::cublas, {one, other}})};
  DecodePlan found = decode_plan(plan);
  REQUIRE(found.workloads.size() == 1);  // no case of the other is planned
  CHECK(found.workloads[0].workload == one);
  REQUIRE(found.workloads[0].cases.size() == 2);
  CHECK(found.workloads[0].cases[0].stage == Stage::o_proj);
  CHECK_FALSE(found.workloads[0].cases[1].stage);
  CHECK(found.gemms.backend == GemmBackend::cublas);
  CHECK(found.samples == plan.samples);

  // The plan also holds another source's cases, which this source ignores.
  plan.sources.insert(plan.sources.begin(), {"my app", Json::object(), {}});
  for (Case& planned : plan.cases) planned.source = 1;
  plan.cases.push_back({"my/app/attention", "my/app", "attention", "", {}, {}, 0});
  CHECK(decode_plan(plan).workloads.size() == 1);
}

TEST_CASE("a plan that is not the built-in layer's is refused", "[decode_source]") {
  Plan plan = small_plan();
  plan.cases[0].part = "o_prj";
  CHECK_THAT(error_of<UsageError>([&] { decode_plan(plan); }),
             ContainsSubstring("has no part 'o_prj' (did you mean 'o_proj'?)"));
  plan = small_plan();
  plan.cases[0].group = "another";
  CHECK_THAT(error_of<UsageError>([&] { decode_plan(plan); }),
             ContainsSubstring("1 of 2 cases belong to none of its workloads"));
  plan = small_plan();
  plan.sources[0].request["workloads"].push_back(plan.sources[0].request["workloads"][0]);
  CHECK_THAT(error_of<UsageError>([&] { decode_plan(plan); }),
             ContainsSubstring("workload " + plan.cases[0].group + " stands twice"));
  plan = small_plan();
  plan.sources[0].id = "program";
  CHECK_THAT(error_of<UsageError>([&] { decode_plan(plan); }),
             ContainsSubstring("the plan has no source 'decode'"));
}
