// SPDX-License-Identifier: Apache-2.0
#include "gate/report/source_place.h"

#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("the plain name of a kernel", "[source_place]") {
  CHECK(plain_kernel_name("void perfgate::attention_kernel<__half, 4>(AttentionTask<__half>)") ==
        "attention_kernel");
  CHECK(plain_kernel_name("void (anonymous namespace)::softmax<float>(float*)") == "softmax");
  CHECK(plain_kernel_name("_attn_fwd") == "_attn_fwd");
  CHECK(plain_kernel_name("nvjet_tst_128x64") == "nvjet_tst_128x64");
}

TEST_CASE("a kernel's line is its definition, in CUDA and in Triton", "[source_place]") {
  const char* cuda = R"(// attention_kernel reads the cache.
void attention_kernels();

template <class T>
__global__ void __launch_bounds__(256, 2)
    attention_kernel(const T* in) {
}
)";
  CHECK(line_of_kernel(cuda, "attention_kernel") == KernelLine{6, true});
  CHECK(line_of_kernel(cuda, "attention_kernels") == KernelLine{2, false});
  CHECK_FALSE(line_of_kernel(cuda, "attention"));
  CHECK_FALSE(line_of_kernel(cuda, ""));
  CHECK(line_of_kernel("@triton.jit\ndef _attn_fwd(q):\n", "_attn_fwd") == KernelLine{2, true});
}
