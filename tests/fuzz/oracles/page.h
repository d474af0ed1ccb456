// SPDX-License-Identifier: Apache-2.0
// HTML read by Gumbo, which follows the HTML standard's algorithm as browsers do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct PageElement {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;  ///< of its own, not of the elements inside

  bool operator==(const PageElement&) const = default;
};

/// Returns the elements inside of <body> in their order; nullopt in a build without Gumbo.
std::optional<std::vector<PageElement>> parse_page(std::string_view html);
