// SPDX-License-Identifier: Apache-2.0
#include "gate/program/kernel_name.h"

#include "tests/support/catch.h"

using namespace perfgate;

// Names as PyTorch, vLLM, cuBLAS and Inductor launch them, in the forms of nsys, ncu and CUPTI.
TEST_CASE("types, arguments and namespaces without a name go", "[kernel_name]") {
  CHECK(operator_name(
            "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<c10::"
            "Half>, std::array<char*, 3ul> >(int, at::native::CUDAFunctor_add<c10::Half>, "
            "std::array<char*, 3ul>)") == "at::native::vectorized_elementwise_kernel");
  CHECK(operator_name(
            "void at::native::vectorized_elementwise_kernel<(int)4, "
            "at::native::bfloat16_copy_kernel_cuda(at::TensorIteratorBase &)::[lambda(float) "
            "(instance 1)], std::array<char *, (unsigned long)2>>(int, T2, T3)") ==
        "at::native::vectorized_elementwise_kernel");
  CHECK(
      operator_name(
          "void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4, false, "
          "false, cutlass::half_t, Flash_kernel_traits<128, 64, 128, 4, cutlass::half_t> >, true, "
          "false, false, false, true, false, false, false>(flash::Flash_fwd_params)") ==
      "flash::flash_fwd_splitkv_kernel");
  CHECK(operator_name("void vllm::paged_attention_v1_kernel<unsigned short, unsigned short, 128, "
                      "16, 128, (vllm::Fp8KVCacheDataType)0, false>(unsigned short*, int)") ==
        "vllm::paged_attention_v1_kernel");
  CHECK(operator_name("void (anonymous namespace)::Fp32GdnPrefillChunk32Kernel<32, true>(float "
                      "const*, long)") == "Fp32GdnPrefillChunk32Kernel");
  CHECK(operator_name("void at::native::<unnamed>::softmax<float>(float *)") ==
        "at::native::softmax");
  CHECK(operator_name("void at::native::_GLOBAL__N__1f2e3d4c_9_Sort_cu_0a1b2c3d::sort<1>(int)") ==
        "at::native::sort");
  CHECK(operator_name("std::enable_if<!(false), void>::type internal::gemvx::kernel<int, int, "
                      "__nv_bfloat16>(cublasGemvParamsEx<int>)") == "internal::gemvx::kernel");
}

TEST_CASE("the choice of a kernel is its name", "[kernel_name]") {
  for (const char* name :
       {"nvjet_tst_128x64_64x7_1x2_h_bz_coopA_TNT",
        "nvjet_sm100_tst_64x16_64x16_2x4_2cta_h_bz_splitK_TNT",
        "sm90_xmma_gemm_f16f16_f16f32_f32_tn_n_tilesize64x128x64_"
        "warpgroupsize1x1x1_execute_segment_k_off_kernel__5x_cublas",
        "ampere_fp16_s1688gemm_fp16_128x128_ldg8_relu_f2f_stages_32x1_tn",
        "reshape_and_cache_kernel", "_topk_topp_kernel", "gemm_bf16bf16f32", "gemm_f16f16f16"})
    CHECK(operator_name(name) == name);
  CHECK(
      operator_name(
          "void cutlass::Kernel2<cutlass_80_wmma_tensorop_f16_s161616gemm_f16_32x32_128x2_tn_"
          "align8>(cutlass_80_wmma_tensorop_f16_s161616gemm_f16_32x32_128x2_tn_align8::Params)") ==
      "cutlass_80_wmma_tensorop_f16_s161616gemm_f16_32x32_128x2_tn_align8");
  CHECK(operator_name(
            "void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<"
            "flash::CollectiveMainloopFwdSm90<2, cute::tuple<cute::C<1>, cute::C<1> > > > > "
            ">(flash::Params)") == "flash::FlashAttnFwdSm90");
}

TEST_CASE("running numbers and hashes go", "[kernel_name]") {
  CHECK(operator_name("triton_poi_fused_add_3") == "triton_poi_fused_add");
  CHECK(operator_name("triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_2") ==
        "triton_red_fused__to_copy_add_mean_mul_pow_rsqrt");
  CHECK(operator_name("triton_red_fused_select_slice_w4_gemm_2.kd") ==
        "triton_red_fused_select_slice_w4_gemm");
  CHECK(operator_name("triton_poi_fused_conv_1_12") == "triton_poi_fused_conv_1");
  CHECK(operator_name("triton_poi_fused_add_3_0d1d2de") == "triton_poi_fused_add");
  CHECK(operator_name("add_kernel_0d1d2d3de") == "add_kernel");
  CHECK(operator_name("add_kernel_8d4b99fa_0d1d2d3de") == "add_kernel");
  CHECK(operator_name("loop_transpose_fusion.8") == "loop_transpose_fusion");
  CHECK(operator_name("kernel [clone .kd]") == "kernel");
  CHECK(operator_name("my_kernel_16") == "my_kernel_16");        // not Inductor's number
  CHECK(operator_name("scale_deadbeef") == "scale_deadbeef");    // a word
  CHECK(operator_name("kernel_20240101") == "kernel_20240101");  // a number
}

TEST_CASE("mangled names stay", "[kernel_name]") {
  CHECK(operator_name("_ZN2at6native4copyE_0d1d2d") == "_ZN2at6native4copyE_0d1d2d");
}

TEST_CASE("operators of C++", "[kernel_name]") {
  CHECK(function_name("void ns::F<int>::operator()(int) const") == "ns::F::operator()");
  CHECK(function_name("bool ns::operator< <int>(int, int)") == "ns::operator<");
  CHECK(function_name("ns::X& ns::operator<<<int>(ns::X&, int)") == "ns::operator<<");
  CHECK(function_name("bool ns::operator==<int>(int, int)") == "ns::operator==");
  CHECK(function_name("ns::A::operator float() const") == "ns::A::operator float");
  CHECK(function_name("my_operator<int>(int)") == "my_operator");
  CHECK(base_name("void ns::F<int>::operator()(int) const") == "operator()");
  CHECK(base_name("void at::native::f<int>(int)") == "f");
  CHECK(function_name("decltype (f(0)) ns::g<int>(int)") == "ns::g");
  CHECK(function_name("void f<(a > b), decltype(x->y)>(int)") == "f");
}

TEST_CASE("what is no name of a function gives some name", "[kernel_name]") {
  CHECK(operator_name("void cutlass::Kernel2<cut...") == "cutlass::Kernel2");
  CHECK(operator_name("") == "unnamed");
  for (const char* name : {"<",
                           ">",
                           "(",
                           ")",
                           "<<>>",
                           "()",
                           "(anonymous namespace)",
                           " ",
                           "::",
                           "operator",
                           "operator()",
                           "a<b",
                           "a>b",
                           ".",
                           "_",
                           "_0d1",
                           ".kd",
                           "[x]",
                           "cutlass::Kernel2<>",
                           "cutlass::Kernel2<(>",
                           "void "})
    CHECK_FALSE(operator_name(name).empty());
}

TEST_CASE("launches of one operator are counted", "[kernel_name]") {
  const std::vector<std::string> operators{"norm", "gemm", "norm", "a/b"};
  const std::vector<std::string> parts = launch_parts(operators);
  REQUIRE(parts.size() == 4);
  CHECK(parts[0] == "norm#1");
  CHECK(parts[1] == "gemm");
  CHECK(parts[2] == "norm#2");
  CHECK_THAT(parts[3], StartsWith("a_b~"));  // '/' is the id's own
  CHECK(launch_parts({}).empty());
}
