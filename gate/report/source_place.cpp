// SPDX-License-Identifier: Apache-2.0
#include "gate/report/source_place.h"

#include <algorithm>
#include <cctype>

#include "gate/util/text.h"

namespace perfgate {

namespace {

constexpr int lines_of_a_head = 3;  // between __global__, with its bounds, and the kernel's name

bool of_a_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !of_a_word(line[at - 1])) && (end == line.size() || !of_a_word(line[end])))
      return true;
  }
  return false;
}

}  // namespace

std::string plain_kernel_name(std::string_view name) {
  constexpr std::string_view anonymous = "(anonymous namespace)::";
  if (const std::size_t at = name.rfind(anonymous); at != std::string_view::npos)
    name.remove_prefix(at + anonymous.size());
  name = name.substr(0, name.find_first_of("<("));
  while (name.ends_with(' ')) name.remove_suffix(1);
  const std::size_t before = name.find_last_of(" :");
  return std::string(before == std::string_view::npos ? name : name.substr(before + 1));
}

std::optional<KernelLine> line_of_kernel(std::string_view text, std::string_view name) {
  if (name.empty()) return std::nullopt;
  std::optional<KernelLine> mentioned;
  int number = 1, global = -lines_of_a_head - 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (has_word(line, "__global__")) global = number;
    if (has_word(line, name)) {
      if (number - global <= lines_of_a_head || has_word(line, "def"))
        return KernelLine{number, true};
      if (!mentioned) mentioned = KernelLine{number, false};
    }
    begin = end + 1;
  }
  return mentioned;
}

}  // namespace perfgate
