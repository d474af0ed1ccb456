// SPDX-License-Identifier: Apache-2.0
#include "gate/record/kernel_launch.h"

namespace perfgate {

bool same_launch(const KernelLaunch& a, const KernelLaunch& b) {
  KernelLaunch with_code_of_b = a;
  if (a.code.empty() || b.code.empty()) with_code_of_b.code = b.code;
  return with_code_of_b == b;
}

bool is_code_hash(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace perfgate
