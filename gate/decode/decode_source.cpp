// SPDX-License-Identifier: Apache-2.0
#include "gate/decode/decode_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gate/decode/layer_cases.h"
#include "gate/util/error.h"
#include "gate/util/id_table.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

Json write_workload(const Workload& workload) {
  const ModelShape& model = workload.model;
  Json json{{"model", model.name},
            {"hidden", model.hidden},
            {"layers", model.layers},
            {"query_heads", model.query_heads},
            {"kv_heads", model.kv_heads},
            {"head_dim", model.head_dim},
            {"intermediate", model.intermediate},
            {"vocab", model.vocab},
            {"rope_theta", model.rope_theta},
            {"rms_eps", model.rms_eps}};
  if (model.qkv_bias) json["qkv_bias"] = true;
  if (model.qk_norm) json["qk_norm"] = true;
  json["batch"] = workload.batch;
  json["context"] = workload.context;
  json["dtype"] = dtype_id(workload.dtype);
  return json;
}

Workload read_workload(JsonObject json) {
  Workload workload;
  ModelShape& model = workload.model;
  model.name = json.string("model");
  model.hidden = json.small_integer("hidden", 8, 1 << 20);
  model.layers = json.small_integer("layers", 1, 10000);
  model.query_heads = json.small_integer("query_heads", 1, 1024);
  model.kv_heads = json.small_integer("kv_heads", 1, 1024);
  model.head_dim = json.small_integer("head_dim", 128, 128);
  model.intermediate = json.small_integer("intermediate", 8, 1 << 20);
  model.vocab = json.small_integer("vocab", 1, 1 << 24);
  model.rope_theta = json.positive("rope_theta");
  model.rms_eps = json.positive("rms_eps");
  model.qkv_bias = json.optional_boolean("qkv_bias").value_or(false);
  model.qk_norm = json.optional_boolean("qk_norm").value_or(false);
  workload.batch = json.small_integer("batch", 1, 64);
  workload.context = json.small_integer("context", 1, 1 << 20);
  workload.dtype = choose(dtypes, json, "dtype").dtype;
  json.finish();
  return workload;
}

Json write_choice(const GemmChoice& choice) {
  Json json{{"batch", choice.shape.m},
            {"n", choice.shape.n},
            {"k", choice.shape.k},
            {"dtype", dtype_id(choice.dtype)},
            {"variant", choice.variant}};
  if (choice.margin) json["margin"] = *choice.margin;
  return json;
}

GemmChoice read_choice(JsonObject json) {
  GemmChoice choice;
  choice.shape.m = json.small_integer("batch", 1, 64);
  choice.shape.n = json.small_integer("n", 8, 1 << 24);
  choice.shape.k = json.small_integer("k", 8, 1 << 24);
  choice.dtype = choose(dtypes, json, "dtype").dtype;
  choice.variant = json.string("variant");
  if (json.has("margin")) choice.margin = json.number("margin");
  json.finish();
  return choice;
}

std::string text_of(const std::vector<GemmChoice>& choices) {
  std::string text;
  for (const GemmChoice& choice : choices) text += (text.empty() ? "" : ", ") + gemm_text(choice);
  return text;
}

/// Returns "hidden 4096, query_heads 32, ...": everything that a workload's name does not tell.
std::string shape_of(const Workload& workload) {
  std::string text;
  const Json all = write_workload(workload);
  for (const auto& [key, value] : all.items())
    if (key != "model" && key != "batch" && key != "context" && key != "dtype")
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value.dump());
  return text;
}

/// Returns the stage that a case measures; empty for the layer. Throws UsageError for another part.
std::optional<Stage> stage_of(const Case& planned) {
  if (planned.part == layer_case) return std::nullopt;
  const auto* info = find_by_id(stages, planned.part);
  if (!info)
    throw UsageError(fmt::format("case '{}': the built-in layer has no part '{}'{}",
                                 printable(planned.id), printable(planned.part),
                                 did_you_mean(planned.part, ids_of(stages))));
  return info->stage;
}

std::optional<std::size_t> decode_source_of(const Plan& plan) {
  const auto source =
      std::find_if(plan.sources.begin(), plan.sources.end(),
                   [](const Source& candidate) { return candidate.id == decode_source_id; });
  if (source == plan.sources.end()) return std::nullopt;
  return static_cast<std::size_t>(source - plan.sources.begin());
}

}  // namespace

std::string gemm_text(const GemmChoice& choice) {
  return fmt::format("{}x{}x{} {} {}", choice.shape.m, choice.shape.n, choice.shape.k,
                     dtype_id(choice.dtype), choice.variant);
}

Source decode_source(const DecodeRequest& request) {
  const std::string backend(gemm_backend_id(request.backend));
  Source source{
      std::string(decode_source_id), Json{{"gemm_backend", backend}}, {{"gemm_backend", backend}}};
  if (request.dither_s > 0) {
    source.request["dither_s"] = request.dither_s;
    source.settings["dither"] = fmt::format("up to {:g} us", request.dither_s * 1e6);
  }
  for (const GemmChoice& choice : request.choices)
    source.request["gemm_variants"].push_back(write_choice(choice));
  if (!request.choices.empty())
    source.settings[std::string(gemm_variants_setting)] = text_of(request.choices);
  for (const Workload& workload : request.workloads) {
    source.request["workloads"].push_back(write_workload(workload));
    source.settings[work_setting(workload_id(workload))] = shape_of(workload);
  }
  return source;
}

namespace {

/// A GEMM of one shape is one kernel, whichever model and stage it is of.
void add_choice(std::vector<GemmChoice>& choices, GemmChoice choice, JsonObject& json) {
  for (const GemmChoice& known : choices)
    if (same_gemm(known, choice))
      json.fail("gemm_variants", fmt::format("two choices for {}", gemm_text(choice)));
  choices.push_back(std::move(choice));
}

}  // namespace

DecodeRequest read_decode_request(const Source& source) {
  JsonObject json(source.request, fmt::format("source {}", source.id), "request");
  DecodeRequest request;
  request.backend = choose(gemm_backends, json, "gemm_backend").backend;
  request.dither_s = json.has("dither_s") ? json.positive("dither_s") : 0;
  if (request.dither_s > 1)
    json.fail("dither_s", fmt::format("{} s is longer than a second", request.dither_s));
  if (json.has("gemm_variants")) {
    if (request.backend != GemmBackend::automatic)
      json.fail("gemm_variants", "they need the gemm_backend 'auto'");
    for (JsonObject& choice : json.objects("gemm_variants"))
      add_choice(request.choices, read_choice(choice), json);
  }
  for (JsonObject& workload : json.objects("workloads"))
    request.workloads.push_back(read_workload(workload));
  json.finish();
  return request;
}

std::vector<GemmChoice> choices_of(const Plan& plan) {
  const auto index = decode_source_of(plan);
  return index ? read_decode_request(plan.sources[*index]).choices : std::vector<GemmChoice>{};
}

void set_choices(Plan& plan, const std::vector<GemmChoice>& choices) {
  const auto index = decode_source_of(plan);
  if (!index) return;
  DecodeRequest request = read_decode_request(plan.sources[*index]);
  if (request.backend != GemmBackend::automatic) return;
  request.choices = choices;
  plan.sources[*index] = decode_source(request);
}

DecodePlan decode_plan(const Plan& plan) {
  const auto found = decode_source_of(plan);
  if (!found) throw UsageError(fmt::format("the plan has no source '{}'", decode_source_id));
  const std::size_t index = *found;
  const DecodeRequest request = read_decode_request(plan.sources[index]);
  DecodePlan out{{},           plan.metrics, {request.backend, request.choices},
                 plan.samples, plan.seed,    request.dither_s};
  std::size_t placed = 0, own = 0;
  std::set<std::string> groups;
  for (const Workload& workload : request.workloads) {
    const std::string group = workload_id(workload);
    if (!groups.insert(group).second)
      throw UsageError(
          fmt::format("source {}: workload {} stands twice", decode_source_id, printable(group)));
    PlannedWorkload planned{workload, {}};
    for (const Case& entry : plan.cases)
      if (entry.source == index && entry.group == group)
        planned.cases.push_back({entry.id, stage_of(entry)});
    placed += planned.cases.size();
    if (!planned.cases.empty()) out.workloads.push_back(std::move(planned));
  }
  for (const Case& entry : plan.cases) own += entry.source == index;
  if (placed != own)
    throw UsageError(fmt::format("source {}: {} of {} belong to none of its workloads",
                                 decode_source_id, own - placed, count_of(own, "case")));
  return out;
}

}  // namespace perfgate
