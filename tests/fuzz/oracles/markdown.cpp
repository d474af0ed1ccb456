// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/oracles/markdown.h"

#ifdef PERFGATE_HAVE_CMARK

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <memory>

namespace {

template <auto release>
struct Releases {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Parser = std::unique_ptr<cmark_parser, Releases<cmark_parser_free>>;
using Node = std::unique_ptr<cmark_node, Releases<cmark_node_free>>;
using Iterator = std::unique_ptr<cmark_iter, Releases<cmark_iter_free>>;

Node document_of(std::string_view markdown) {
  cmark_gfm_core_extensions_ensure_registered();
  const Parser parser(cmark_parser_new(CMARK_OPT_FOOTNOTES));
  for (const char* name : {"table", "autolink", "strikethrough", "tagfilter", "tasklist"})
    cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(name));
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  return Node(cmark_parser_finish(parser.get()));
}

std::string or_empty(const char* text) {
  return text ? text : "";
}

bool is_letter(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z');
}

bool is_digit(char c) {
  return '0' <= c && c <= '9';
}

/// Whether GitHub, which looks for them in the text that is shown, finds @name, #1 or GH-1 there.
bool names_someone(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest[0] == '@' && (is_letter(rest[1]) || is_digit(rest[1]))) return true;
    if (rest[0] == '#' && is_digit(rest[1])) return true;
    if (rest.size() > 3 && (rest[0] == 'g' || rest[0] == 'G') &&
        (rest[1] == 'h' || rest[1] == 'H') && rest[2] == '-' && is_digit(rest[3]))
      return true;
  }
  return false;
}

std::string without_zero_width_spaces(std::string_view text) {
  constexpr std::string_view space = "\u200b";
  std::string out;
  for (std::size_t at; (at = text.find(space)) != std::string_view::npos;) {
    out.append(text.substr(0, at));
    text.remove_prefix(at + space.size());
  }
  return out.append(text);
}

void add(MarkdownParts& parts, std::string& shown, cmark_node* node) {
  const cmark_node_type type = cmark_node_get_type(node);
  const std::string literal = or_empty(cmark_node_get_literal(node));
  if (type == CMARK_NODE_TEXT) {
    shown += literal;
    return;
  }
  if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE)
    parts.links.push_back(or_empty(cmark_node_get_url(node)));
  else if (type == CMARK_NODE_FOOTNOTE_REFERENCE)
    parts.links.push_back("#" + literal);
  else if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE)
    parts.html.push_back(literal);
  else if (type == CMARK_NODE_CODE || type == CMARK_NODE_CODE_BLOCK)
    parts.code.push_back(literal);
  // Names end where another element begins.
  parts.notifies = parts.notifies || names_someone(shown);
  parts.text += shown;
  shown.clear();
}

}  // namespace

std::optional<MarkdownParts> parse_markdown(std::string_view markdown) {
  const Node document = document_of(markdown);
  const Iterator nodes(cmark_iter_new(document.get()));
  MarkdownParts parts;
  std::string shown;
  for (cmark_event_type event; (event = cmark_iter_next(nodes.get())) != CMARK_EVENT_DONE;)
    if (event == CMARK_EVENT_ENTER) add(parts, shown, cmark_iter_get_node(nodes.get()));
  add(parts, shown, document.get());
  parts.text = without_zero_width_spaces(parts.text);
  return parts;
}

#else

std::optional<MarkdownParts> parse_markdown(std::string_view) {
  return std::nullopt;
}

#endif
