// SPDX-License-Identifier: Apache-2.0
#include "gate/util/demangle.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace perfgate {

std::string demangle(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  // A lone letter is a type to the demangler ("f" is float): only _Z names are mangled functions.
  if (status != 0 || !name.starts_with("_Z")) return name;
  // "void ns::kernel<(int)8, T>(T const*)": outside of <> a blank ends the return type and a
  // parenthesis, if it is not "(anonymous namespace)", begins the parameters.
  const std::string text = plain.get();
  constexpr std::string_view anonymous = "(anonymous namespace)";
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, anonymous.size(), anonymous) == 0) {
      i += anonymous.size() - 1;
      continue;
    }
    if (text[i] == '<') ++depth;
    if (text[i] == '>') --depth;
    if (depth == 0 && text[i] == ' ') begin = i + 1;
    if (depth == 0 && text[i] == '(') return text.substr(begin, i - begin);
  }
  return text.substr(begin);
}

}  // namespace perfgate
