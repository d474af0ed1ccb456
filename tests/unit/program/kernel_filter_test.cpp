// SPDX-License-Identifier: Apache-2.0
#include "gate/program/kernel_filter.h"

#include "gate/util/error.h"
#include "tests/support/catch.h"

using namespace perfgate;

namespace {

const std::string demangled =
    "void at::native::vectorized_elementwise_kernel<4, at::native::CUDAFunctor_add<c10::Half>, "
    "std::array<char*, 3ul> >(int, at::native::CUDAFunctor_add<c10::Half>, std::array<char*, 3ul>)";
const std::string mangled = "_ZN2at6native29vectorized_elementwise_kernelILi4EEEvi";

bool chosen(std::string_view filter, KernelNameBase base = KernelNameBase::function) {
  return matches(parse_kernel_filter(filter, base), demangled, mangled);
}

}  // namespace

TEST_CASE("a kernel by its function's name", "[kernel_filter]") {
  CHECK(chosen("vectorized_elementwise_kernel"));
  CHECK(chosen("at::native::vectorized_elementwise_kernel"));
  CHECK_FALSE(chosen("elementwise_kernel"));
  CHECK(chosen("regex:elementwise"));
  CHECK(chosen("regex:^vectorized"));
  CHECK_FALSE(chosen("regex:CUDAFunctor"));  // a template argument
}

TEST_CASE("a kernel by its other names", "[kernel_filter]") {
  CHECK(chosen("regex:CUDAFunctor_add<c10::Half>", KernelNameBase::demangled));
  CHECK(chosen(demangled, KernelNameBase::demangled));
  CHECK_FALSE(chosen("vectorized_elementwise_kernel", KernelNameBase::demangled));
  CHECK(chosen(mangled, KernelNameBase::mangled));
  CHECK(chosen("regex:ILi4E", KernelNameBase::mangled));
  CHECK_FALSE(chosen("regex:ILi4E"));
}

TEST_CASE("a star is no glob in a kernel's name, as in ncu", "[kernel_filter]") {
  CHECK_FALSE(chosen("*elementwise*"));
}

TEST_CASE("a filter without a name is refused", "[kernel_filter]") {
  CHECK_THROWS_AS(parse_kernel_filter(""), UsageError);
  CHECK_THROWS_AS(parse_kernel_filter("regex:"), UsageError);
  CHECK_THROWS_AS(parse_kernel_filter("regex:("), UsageError);
}
