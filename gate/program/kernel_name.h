// SPDX-License-Identifier: Apache-2.0
// What a kernel is called when what changes between builds is left out: so that a kernel of the
// head is compared with the same kernel of the baseline. Works on demangled names as CUPTI, ncu and
// PyTorch write them; a name in any other form, also one that was cut off, gives some name of its
// own, never an error and never "".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perfgate {

/// The name without return type, parameters, template arguments and anonymous namespaces:
/// "at::native::vectorized_elementwise_kernel". A mangled name (`_Z…`) stays as it is.
std::string function_name(std::string_view demangled);

/// Without its namespaces too: "vectorized_elementwise_kernel".
std::string base_name(std::string_view demangled);

/// function_name() without what a compiler counts or hashes: the running number of Inductor
/// (`triton_poi_fused_add_3`), Triton's signature (`_0d1d2de`), hashes, `.kd` and the like. A
/// kernel that is a template over the choice of a kernel (`cutlass::Kernel2<…>`) has that choice's
/// name. Names of cuBLAS (`nvjet_tst_128x64_…`) stay whole: they are the choice.
std::string operator_name(std::string_view demangled);

/// The parts of a range's cases, one for each launch in order: "op#1", "op#2", … where the operator
/// occurs more than once, else "op". Safe as the end of a case's id.
std::vector<std::string> launch_parts(std::span<const std::string> operators);

}  // namespace perfgate
