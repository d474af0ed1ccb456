// SPDX-License-Identifier: Apache-2.0
#include "gate/util/checksum.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/util/fnv1a.h"

namespace perfgate {

namespace {

std::string without_returns(std::string_view text) {
  std::string out(text);
  std::erase(out, '\r');
  return out;
}

std::string checksum_line(std::string_view text) {
  return fmt::format("checksum = \"{:016x}\"\n", fnv1a_64(text));
}

/// Returns where the keys before the first table end, just behind a newline.
std::size_t end_of_head(std::string_view text) {
  const std::size_t table = text.find("\n[");
  std::size_t end = table == std::string_view::npos ? text.size() : table + 1;
  while (end >= 2 && text[end - 1] == '\n' && text[end - 2] == '\n') --end;
  return end;
}

}  // namespace

std::string with_checksum(std::string_view text) {
  std::string out = without_returns(text);
  return out.insert(end_of_head(out), checksum_line(out));
}

ChecksumState checksum_state(std::string_view text) {
  std::string rest = without_returns(text);
  const std::size_t head = end_of_head(rest);
  const std::size_t line = rest.find("\nchecksum");
  if (line == std::string::npos || line >= head) return ChecksumState::missing;
  const std::size_t end = rest.find('\n', line + 1);
  const std::string found = rest.substr(line + 1, end - line);
  rest.erase(line + 1, found.size());
  return found == checksum_line(rest) ? ChecksumState::intact : ChecksumState::broken;
}

}  // namespace perfgate
