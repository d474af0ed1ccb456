// SPDX-License-Identifier: Apache-2.0
// Markdown read by cmark-gfm, which GitHub's own renderer is made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What GitHub would show of a text.
struct MarkdownParts {
  std::string text;                ///< all that is shown as text, without zero-width spaces
  std::vector<std::string> links;  ///< where they lead to; an image counts as one, and "" as well
  std::vector<std::string> html;   ///< pieces that are passed on as HTML
  std::vector<std::string> code;   ///< the contents of code, in a line or in a block
  bool notifies = false;  ///< a text names an account or an issue, which GitHub makes links of
};

/// Returns nullopt in a build without cmark-gfm.
std::optional<MarkdownParts> parse_markdown(std::string_view markdown);
