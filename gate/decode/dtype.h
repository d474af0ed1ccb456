// SPDX-License-Identifier: Apache-2.0
// The element types of the built-in layer.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace perfgate {

enum class DType { fp16, bf16 };
struct DTypeInfo {
  DType dtype;
  std::string_view id;
};
inline constexpr std::array<DTypeInfo, 2> dtypes{{
    {DType::fp16, "fp16"},
    {DType::bf16, "bf16"},
}};
constexpr std::string_view dtype_id(DType dtype) {
  return dtypes[static_cast<std::size_t>(dtype)].id;
}

/// Both element types of the workload are two bytes wide.
inline constexpr std::int64_t element_bytes = 2;

}  // namespace perfgate
