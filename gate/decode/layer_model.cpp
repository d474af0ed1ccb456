// SPDX-License-Identifier: Apache-2.0
#include "gate/decode/layer_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace perfgate {

std::string_view stage_id(Stage stage) {
  return stages[static_cast<std::size_t>(stage)].id;
}

std::string_view gemm_backend_id(GemmBackend backend) {
  return gemm_backends[static_cast<std::size_t>(backend)].id;
}

std::optional<GemmShape> gemm_shape(const Workload& workload, Stage stage) {
  const ModelShape& model = workload.model;
  const std::int64_t m = workload.batch;
  switch (stage) {
    case Stage::qkv_proj:
      return GemmShape{m, model.qkv_columns(), model.hidden};
    case Stage::o_proj:
      return GemmShape{m, model.hidden, std::int64_t{model.query_heads} * model.head_dim};
    case Stage::gate_up_proj:
      return GemmShape{m, std::int64_t{2} * model.intermediate, model.hidden};
    case Stage::down_proj:
      return GemmShape{m, model.hidden, model.intermediate};
    default:
      return std::nullopt;
  }
}

double stage_bytes(const Workload& workload, Stage stage) {
  const ModelShape& model = workload.model;
  const double e = element_bytes;
  const double batch = workload.batch;
  const double context = workload.context;
  const double hidden = model.hidden;
  const double hq = model.query_heads;
  const double hk = model.kv_heads;
  const double d = model.head_dim;
  if (const auto gemm = gemm_shape(workload, stage)) {
    const auto m = static_cast<double>(gemm->m);
    const auto n = static_cast<double>(gemm->n);
    const auto k = static_cast<double>(gemm->k);
    return (n * k + m * k + m * n) * e;
  }
  switch (stage) {
    case Stage::input_norm:
    case Stage::post_norm:
      return (4 * batch * hidden + hidden) * e;
    case Stage::rotary:
      return batch * (2 * (hq + hk) * d * e + d * e + 8) +
             (model.qkv_bias ? (hq + hk) * d * e : 0) + (model.qk_norm ? 2 * d * e : 0);
    case Stage::kv_write:
      return batch * (4 * hk * d * e + 8) + (model.qkv_bias ? hk * d * e : 0);
    case Stage::attention:
      return batch * (2 * context * hk * d * e + 2 * hq * d * e +
                      4 * std::ceil(context / kv_block_tokens) + 4);
    case Stage::silu_mul:
      return 3 * batch * model.intermediate * e;
    default:
      return 0;  // the GEMMs are handled above
  }
}

double stage_operations(const Workload& workload, Stage stage) {
  const ModelShape& model = workload.model;
  if (const auto gemm = gemm_shape(workload, stage))
    return 2.0 * static_cast<double>(gemm->m) * static_cast<double>(gemm->n) *
           static_cast<double>(gemm->k);
  const double batch = workload.batch;
  switch (stage) {
    case Stage::input_norm:
    case Stage::post_norm:
      return 5 * batch * model.hidden;
    case Stage::rotary: {
      const int each = 3 + (model.qkv_bias ? 1 : 0) + (model.qk_norm ? 4 : 0);
      return each * batch * (model.query_heads + model.kv_heads) * model.head_dim;
    }
    case Stage::kv_write:
      return model.qkv_bias ? batch * model.kv_heads * model.head_dim : 0;
    case Stage::attention:
      return 4 * batch * workload.context * model.query_heads * model.head_dim;
    case Stage::silu_mul:
      return 5 * batch * model.intermediate;
    default:
      return 0;
  }
}

double layer_bytes(const Workload& workload) {
  double sum = 0;
  for (const StageInfo& info : stages) sum += stage_bytes(workload, info.stage);
  return sum;
}

double layer_weight_bytes(const Workload& workload) {
  const ModelShape& model = workload.model;
  double elements = 2.0 * model.hidden;
  if (model.qkv_bias) elements += model.qkv_columns();
  if (model.qk_norm) elements += 2.0 * model.head_dim;
  for (const StageInfo& info : stages)
    if (const auto gemm = gemm_shape(workload, info.stage))
      elements += static_cast<double>(gemm->n) * static_cast<double>(gemm->k);
  return elements * element_bytes;
}

int resident_layers(const Workload& workload, std::int64_t l2_bytes) {
  constexpr int fewest = 4;
  const double needed = 5.0 * static_cast<double>(l2_bytes) / layer_bytes(workload);
  return std::max(fewest, static_cast<int>(std::ceil(needed)));
}

std::string workload_id(const Workload& workload) {
  return fmt::format("{}/b{}/s{}/{}", workload.model.name, workload.batch, workload.context,
                     dtype_id(workload.dtype));
}

}  // namespace perfgate
