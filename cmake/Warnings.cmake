# SPDX-License-Identifier: Apache-2.0
# The options that every host target is compiled with. It is an INTERFACE target, so that nothing
# leaks into targets that did not ask for it (nvcc has its own list in kernels/).
add_library(perfgate_warnings INTERFACE)
target_compile_options(perfgate_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${PERFGATE_WERROR}>>:-Werror>)

add_library(perfgate_sanitizers INTERFACE)
if(PERFGATE_SANITIZE)
  target_compile_options(perfgate_sanitizers INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer>)
  # The sanitizers' tables are full of pointers. In a program that may be loaded anywhere they are all
  # rewritten at each start, which takes as long as everything else, and the tests start thousands.
  target_link_options(perfgate_sanitizers INTERFACE -fsanitize=address,undefined
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
elseif(PERFGATE_FUZZ)
  # libFuzzer is steered by the coverage of all that is under test. Its main comes with the targets.
  target_compile_options(perfgate_sanitizers INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer>)
  target_link_options(perfgate_sanitizers INTERFACE -fsanitize=address,undefined)
endif()

# GCC 12 sees reads and writes past the end in std::string's assignment from a literal and in its
# operator+ (GCC bugs 105329 and 105651). clang-tidy and the sanitizers look for real ones.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(perfgate_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-stringop-overread -Wno-stringop-overflow -Wno-restrict
    -Wno-array-bounds>)
endif()
