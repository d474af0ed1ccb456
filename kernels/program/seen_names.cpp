// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/seen_names.h"

#include <cctype>

namespace perfgate {
namespace {

constexpr std::size_t most_seen = 1000;

}  // namespace

std::string without_numbers(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!digit || out.empty() || out.back() != '#') out += digit ? '#' : c;
  }
  return out;
}

void SeenNames::note(std::string_view domain, std::string_view name) {
  auto key = std::pair(std::string(domain), without_numbers(name));
  const auto found = m_seen.find(key);
  if (found != m_seen.end())
    ++found->second.count;
  else if (m_seen.size() < most_seen)
    m_seen.emplace(std::move(key), Seen{std::string(name), 1});
}

void SeenNames::add(const SeenNames& others) {
  for (const auto& [key, range] : others.m_seen)
    m_seen.emplace(key, Seen{range.name, 0}).first->second.count += range.count;
}

void SeenNames::append_to(std::vector<RangeCount>& ranges, bool start_end) const {
  for (const auto& [key, range] : m_seen)
    ranges.push_back({key.first, range.name, start_end, range.count});
}

}  // namespace perfgate
