// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/oracles/page.h"

#ifdef PERFGATE_HAVE_GUMBO

#include <gumbo.h>

namespace {

const GumboNode* child(const GumboVector& children, unsigned i) {
  return static_cast<const GumboNode*>(children.data[i]);
}

/// Adds the elements below `node`. Gumbo itself refuses no depth, but ours are few.
void add(const GumboNode* node, std::vector<PageElement>& all) {
  const std::size_t own = all.size();
  const GumboElement& element = node->v.element;
  all.push_back({gumbo_normalized_tagname(element.tag), {}, ""});
  for (unsigned i = 0; i < element.attributes.length; ++i) {
    const auto* attribute = static_cast<const GumboAttribute*>(element.attributes.data[i]);
    all[own].attributes.emplace_back(attribute->name, attribute->value);
  }
  for (unsigned i = 0; i < element.children.length; ++i) {
    const GumboNode* next = child(element.children, i);
    if (next->type == GUMBO_NODE_ELEMENT)
      add(next, all);
    else if (next->type == GUMBO_NODE_TEXT || next->type == GUMBO_NODE_WHITESPACE)
      all[own].text += next->v.text.text;
    else
      all.push_back({"(comment)", {}, next->v.text.text});
  }
}

}  // namespace

std::optional<std::vector<PageElement>> parse_page(std::string_view html) {
  GumboOutput* const output =
      gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size());
  std::vector<PageElement> all;
  const GumboVector& roots = output->root->v.element.children;
  for (unsigned i = 0; i < roots.length; ++i)
    if (child(roots, i)->type == GUMBO_NODE_ELEMENT &&
        child(roots, i)->v.element.tag == GUMBO_TAG_BODY)
      add(child(roots, i), all);
  gumbo_destroy_output(&kGumboDefaultOptions, output);
  if (!all.empty()) all.erase(all.begin());  // <body> itself
  return all;
}

#else

std::optional<std::vector<PageElement>> parse_page(std::string_view) {
  return std::nullopt;
}

#endif
