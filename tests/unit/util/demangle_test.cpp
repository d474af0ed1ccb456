// SPDX-License-Identifier: Apache-2.0
#include "gate/util/demangle.h"

#include "tests/support/catch.h"

using namespace perfgate;

// The names are those that c++filt gives, without return type and parameters.
TEST_CASE("a kernel's name as ncu shows it", "[demangle]") {
  CHECK(demangle("_ZN8perfgate15rms_norm_kernelI6__halfLi1ELb1EEEvPKT_S4_PS2_") ==
        "perfgate::rms_norm_kernel<__half, 1, true>");
  CHECK(demangle("_ZN12_GLOBAL__N_16kernelEPf") == "(anonymous namespace)::kernel");
  CHECK(demangle("triton_red_fused_0") == "triton_red_fused_0");
  CHECK(demangle("f") == "f");
  CHECK(demangle("_Z") == "_Z");
  CHECK(demangle("").empty());
}
