// SPDX-License-Identifier: Apache-2.0
#include "gate/decode/layer_model.h"

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

TEST_CASE("the bytes of llama-2-7b, one token, context 1024", "[layer_model]") {
  // H = 4096, hq = hk = 32, d = 128, I = 11008, e = 2, B = 1, S = 1024.
  const Workload one = workload(llama_2_7b());
  CHECK(stage_bytes(one, Stage::input_norm) == 40960);    // (4 * 4096 + 4096) * 2
  CHECK(stage_bytes(one, Stage::qkv_proj) == 100696064);  // (12288*4096 + 4096 + 12288) * 2
  CHECK(stage_bytes(one, Stage::rotary) == 33032);        // 2 * 64 * 128 * 2 + 128 * 2 + 8
  CHECK(stage_bytes(one, Stage::kv_write) == 32776);      // 4 * 32 * 128 * 2 + 8
  CHECK(stage_bytes(one, Stage::attention) == 16793860);  // 16777216 + 16384 + 4 * 64 + 4
  CHECK(stage_bytes(one, Stage::o_proj) == 33570816);     // (4096*4096 + 2 * 4096) * 2
  CHECK(stage_bytes(one, Stage::post_norm) == 40960);
  CHECK(stage_bytes(one, Stage::gate_up_proj) == 180407296);  // 180355072 + 8192 + 44032
  CHECK(stage_bytes(one, Stage::silu_mul) == 66048);          // 3 * 11008 * 2
  CHECK(stage_bytes(one, Stage::down_proj) == 90207744);      // (4096*11008 + 11008 + 4096) * 2
  CHECK(layer_bytes(one) == 421889556);                       // the sum of the ten
  // (50331648 + 16777216 + 90177536 + 45088768) * 2 and two norms of 4096 * 2.
  CHECK(layer_weight_bytes(one) == 404766720);
}

TEST_CASE("the bytes of grouped-query attention", "[layer_model]") {
  // llama-3.1-8b: hk = 8. 16 * (2*1024*8*128*2 + 2*32*128*2 + 4*64 + 4)
  CHECK(stage_bytes(workload(llama_3_8b(), 16), Stage::attention) == 67375168);
  // Context 1000 ends inside its 63rd block of 16: 2*1000*8*128*2 + 16384 + 4*63 + 4.
  CHECK(stage_bytes(workload(llama_3_8b(), 1, 1000), Stage::attention) == 4112640);
  // 16 * (2 * 40 * 128 * 2 + 256 + 8)
  CHECK(stage_bytes(workload(llama_3_8b(), 16), Stage::rotary) == 331904);
}

TEST_CASE("a bias and norms of the heads are read once a step", "[layer_model]") {
  // qwen2.5-7b: hq = 28, hk = 4, a bias.
  const ModelShape qwen2{"q2", 3584, 28, 28, 4, 128, 18944, 152064, 1e6, 1e-6, true, false};
  // 2 * 32 * 128 * 2 + 128 * 2 + 8 = 16648 a token, and (28 + 4) * 128 * 2 = 8192.
  CHECK(stage_bytes(workload(qwen2), Stage::rotary) == 24840);
  CHECK(stage_bytes(workload(qwen2, 16), Stage::rotary) == 274560);
  CHECK(stage_bytes(workload(qwen2), Stage::kv_write) ==
        5128);  // 4 * 4 * 128 * 2 + 8 + 4 * 128 * 2
  CHECK(stage_operations(workload(qwen2), Stage::rotary) == 16384);  // 4 * 32 * 128
  CHECK(stage_operations(workload(qwen2), Stage::kv_write) == 512);  // 4 * 128
  // (4608*3584 + 3584*3584 + 37888*3584 + 3584*18944 + 2*3584 + (28 + 2*4) * 128) * 2
  CHECK(layer_weight_bytes(workload(qwen2)) == 466115584);

  // qwen3-8b: hq = 32, hk = 8, norms.
  const ModelShape qwen3{"q3", 4096, 36, 32, 8, 128, 12288, 151936, 1e6, 1e-6, false, true};
  // 2 * 40 * 128 * 2 + 128 * 2 + 8, and two weights of 128 * 2.
  CHECK(stage_bytes(workload(qwen3), Stage::rotary) == 21256);
  CHECK(stage_bytes(workload(qwen3), Stage::kv_write) == 8200);  // 4 * 8 * 128 * 2 + 8: none there
  CHECK(stage_operations(workload(qwen3), Stage::rotary) == 35840);  // 7 * 40 * 128
  CHECK(stage_operations(workload(qwen3), Stage::kv_write) == 0);
  // (6144*4096 + 4096*4096 + 24576*4096 + 4096*12288 + 2*4096 + 2*128) * 2
  CHECK(layer_weight_bytes(workload(qwen3)) == 385892864);
}

TEST_CASE("more tokens never move fewer bytes", "[layer_model]") {
  for (const StageInfo& info : stages)
    for (const int batch : {1, 2, 16, 63}) {
      const double fewer = stage_bytes(workload(llama_3_8b(), batch), info.stage);
      CHECK(stage_bytes(workload(llama_3_8b(), batch + 1), info.stage) > fewer);
    }
}

TEST_CASE("GEMM shapes", "[layer_model]") {
  const Workload one = workload(llama_3_8b(), 16);
  const auto shape = [&](Stage stage) {
    const auto gemm = gemm_shape(one, stage);
    return gemm ? std::vector<std::int64_t>{gemm->m, gemm->n, gemm->k}
                : std::vector<std::int64_t>{};
  };
  using Shape = std::vector<std::int64_t>;
  CHECK(shape(Stage::qkv_proj) == Shape{16, 6144, 4096});  // (32 + 2 * 8) * 128
  CHECK(shape(Stage::o_proj) == Shape{16, 4096, 4096});
  CHECK(shape(Stage::gate_up_proj) == Shape{16, 28672, 4096});
  CHECK(shape(Stage::down_proj) == Shape{16, 4096, 14336});
  CHECK(shape(Stage::attention).empty());
  CHECK(shape(Stage::silu_mul).empty());
  // This is one rank of eight: 8 heads of 128 are 1024 columns, not H.
  CHECK(gemm_shape(workload(llama_3_70b_tp8()), Stage::o_proj)->k == 1024);
}

TEST_CASE("resident layers make a weight cold again", "[layer_model]") {
  const std::int64_t mib = 1 << 20;
  // 5 * 60 MiB are 315 MB, less than one layer of 422 MB: the minimum of four applies.
  CHECK(resident_layers(workload(llama_2_7b()), 60 * mib) == 4);
  // 5 * 512 MiB = 2684354560; / 421889556 = 6.36.
  CHECK(resident_layers(workload(llama_2_7b()), 512 * mib) == 7);
  // 214721044 bytes a layer (by hand, as above); 5 * 192 MiB = 1006632960; / 214721044 = 4.69.
  CHECK(layer_bytes(workload(llama_3_70b_tp8())) == 214721044);
  CHECK(resident_layers(workload(llama_3_70b_tp8()), 192 * mib) == 5);
  CHECK(resident_layers(workload(llama_2_7b()), 0) == 4);
}

TEST_CASE("the ids are those of the tables", "[layer_model]") {
  CHECK(workload_id(workload(llama_2_7b())) == "llama-2-7b/b1/s1024/fp16");
  for (const StageInfo& info : stages) {
    CHECK(stage_id(info.stage) == info.id);
  }
  for (const DTypeInfo& info : dtypes) CHECK(dtype_id(info.dtype) == info.id);
}
