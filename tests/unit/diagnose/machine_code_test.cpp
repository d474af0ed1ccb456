// SPDX-License-Identifier: Apache-2.0
#include "gate/diagnose/machine_code.h"

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/support.h"

using namespace perfgate;

namespace {

// As cuobjdump prints two images of one file, of another kernel, too.
constexpr const char* listing = R"(
Fatbin elf code:
================
arch = sm_80
code version = [1,8]

	code for sm_80
		Function : _Z5scaleILi128EEvPf
	.headerflags	@"EF_CUDA_SM80"
        /*0000*/                   FFMA R0, R1, R2, R3 ;             /* 0x00000003021f7223 */
                                                                     /* 0x000fe20000000800 */

Fatbin elf code:
================
	code for sm_90
		Function : _Z5scaleILi128EEvPf
	.headerflags	@"EF_CUDA_SM90"
        /*0000*/                   LDC R1, c[0x0][0x28] ;            /* 0x00000a00ff017b82 */
                                                                     /* 0x000fe20000000800 */
        /*0010*/              @!P0 FFMA.FTZ R0, R1, R2, R3 ;         /* 0x00000003021f7223 */
                                                                     /* 0x000fe20000000800 */
        /*0020*/               @P0 BRA 0x50 ;                        /* 0x0000000000000947 */
                                                                     /* 0x000fea0003800000 */
        /*0030*/                   EXIT ;                            /* 0x000000000000794d */
                                                                     /* 0x000fea0003800000 */
        /*0040*/                   BRA 0x40;                         /* 0xfffffffc00fc7947 */
                                                                     /* 0x000fc0000383ffff */
        /*0050*/                   NOP;                              /* 0x0000000000007918 */
                                                                     /* 0x000fc00000000000 */
		..........
		Function : _Z5otherv
        /*0000*/                   EXIT ;                            /* 0x000000000000794d */
)";

MachineCode code(std::vector<std::string> instructions) {
  return {"ns::scale<128>", "90", std::move(instructions)};
}

std::string difference(const MachineCode& base, const MachineCode& head,
                       const KernelLaunch& base_launch = {}, const KernelLaunch& launch = {}) {
  return code_difference({base_launch, launch, base, head});
}

}  // namespace

TEST_CASE("the kernels of a listing, without addresses, encodings and padding", "[machine_code]") {
  const std::vector<MachineCode> codes = read_listing(listing, {"scale<128>"});
  REQUIRE(codes.size() == 2);
  CHECK(codes[0].architecture == "80");
  CHECK(codes[1].kernel == "scale<128>");
  // 0x50 is 0x30 behind the branch at 0x20.
  CHECK(codes[1].instructions == std::vector<std::string>{"LDC R1, c[0x0][0x28]",
                                                          "@!P0 FFMA.FTZ R0, R1, R2, R3",
                                                          "@P0 BRA .+0x30", "EXIT", "BRA .+0x0"});
  CHECK(read_listing(listing, {"other"}).at(0).instructions == std::vector<std::string>{"EXIT"});
  CHECK(read_listing("cuobjdump fatal: no such file", {"scale<128>"}).empty());
}

TEST_CASE("a real listing of the toolkit is read as grep counts it", "[machine_code]") {
  // silu_mul_kernel<__half> for 9.0 of CUDA 13.0: 256 instructions, 13 of them NOP.
  const std::string kernel = "perfgate::silu_mul_kernel<__half>";
  const auto codes = read_listing(source_file("tests/recordings/silu_mul.sass"), {kernel});
  REQUIRE(codes.size() == 1);
  CHECK(codes[0].architecture == "90");
  CHECK(codes[0].instructions.size() == 243);
  CHECK(codes[0].instructions.front() == "LDC R1, c[0x0][0x28]");
  CHECK(codes[0].instructions.back() == "BRA .+0x0");
}

TEST_CASE("the functions of a file by the names of their kernels", "[machine_code]") {
  const std::string usage =
      "Fatbin elf code:\narch = sm_90\n\nResource usage:\n Common:\n  GLOBAL:0\n"
      " Function _Z5scaleILi128EEvPf:\n  REG:148 STACK:0 SHARED:1120\n"
      " Function _Z5otherv:\n  REG:8\n Function _Z5scaleILi128EEvPf:\n  REG:90\n";
  CHECK(functions_of(usage, {"scale<128>"}) == std::vector<std::string>{"_Z5scaleILi128EEvPf"});
  CHECK(functions_of("cuobjdump fatal: no file", {"scale<128>"}).empty());
}

TEST_CASE("a GPU executes the code of its own generation, not of a later one", "[machine_code]") {
  std::vector<MachineCode> codes;
  for (const char* architecture : {"80", "86", "90", "90a", "100", "120f"})
    codes.push_back({"k", architecture, {"EXIT"}});
  const auto chosen = [&](const char* capability) {
    const MachineCode* found = code_for(codes, "k", capability);
    return found ? found->architecture : "none";
  };
  CHECK(chosen("8.0") == "80");
  CHECK(chosen("8.6") == "86");
  CHECK(chosen("8.9") == "86");
  CHECK(chosen("9.0") == "90a");
  CHECK(chosen("10.3") == "100");
  CHECK(chosen("12.0") == "120f");
  CHECK(chosen("7.5") == "none");
  CHECK(chosen("") == "none");
  CHECK(code_for(codes, "another", "9.0") == nullptr);
}

TEST_CASE("the line says which instructions came and went, spills and launch", "[machine_code]") {
  const MachineCode base = code({"LDG R0, [R2]", "FFMA R0, R0, R1, R2", "EXIT"});
  CHECK(difference(base, base).empty());
  CHECK(difference(base,
                   code({"LDG.E R0, [R2]", "@P0 FFMA R0, R0, R1, R2", "@P1 FFMA R0, R0, R1, R2",
                         "STL [R1], R0", "LDL R0, [R1]", "EXIT"}),
                   {"k", {}, {}, 40, 0}, {"k", {}, {}, 64, 1024}) ==
        "ns::scale: instructions 3 to 6 (FFMA +1, LDL +1, STL +1), spills 0 to 2, registers 40 to "
        "64, shared memory 0 to 1024 B");
  CHECK(difference(base, code({"LDG R1, [R2]", "FFMA R0, R0, R1, R2", "EXIT"})) ==
        "ns::scale: 3 instructions (others, or in another order)");
  CHECK(difference(base, code({"A", "B", "C", "D", "D"})) ==
        "ns::scale: instructions 3 to 5 (D +2, A +1, B +1, C +1, 3 more)");
}

TEST_CASE("the listings' difference is a unified diff", "[machine_code]") {
  std::vector<std::string> before;
  for (int i = 0; i < 20; ++i) before.push_back("I" + std::to_string(i));
  std::vector<std::string> after = before;
  after[5] = "X";
  after.insert(after.begin() + 18, "Y");
  CHECK(listing_difference(code(before), code(after)) ==
        "--- base: ns::scale<128>, sm_90, 20 instructions\n"
        "+++ head: ns::scale<128>, sm_90, 21 instructions\n"
        "@@ -3,7 +3,7 @@\n I2\n I3\n I4\n-I5\n+X\n I6\n I7\n I8\n"
        "@@ -16,5 +16,6 @@\n I15\n I16\n I17\n+Y\n I18\n I19\n");
  CHECK(listing_difference(code({}), code({"A"})) ==
        "--- base: ns::scale<128>, sm_90, 0 instructions\n"
        "+++ head: ns::scale<128>, sm_90, 1 instruction\n@@ -0,0 +1,1 @@\n+A\n");
}
