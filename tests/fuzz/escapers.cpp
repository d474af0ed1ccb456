// SPDX-License-Identifier: Apache-2.0
// Names and logs from outside, made safe for terminals, web pages, Markdown and workflow logs.
#include "gate/github/comment_text.h"
#include "gate/github/workflow_commands.h"
#include "gate/report/markdown_text.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"
#include "gate/util/text_wrap.h"
#include "tests/fuzz/engine/target.h"

using namespace perfgate;

const InputForm input_form = InputForm::bytes;

std::vector<std::string> seeds() {
  return {"plain text of a log\nsecond line\n",
          "<script>alert(1)</script> &amp; \"quoted\" 'too' [a](https://b) @octo #12 `code` | x",
          "::error file=a::text\n##[group]x\n::stop-commands::t\n",
          "\x1b[31mred\x1b[0m \xe2\x80\xae gpj.exe \xff\xfe \xed\xa0\x80 \xc3\xa9",
          "https://example.com/a?b=c#d",
          "www.example.com a@example.com GH-1 octo/hello#1 **b** ~~s~~"};
}

namespace {

bool has_control(std::string_view text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\x7f') return true;
  return false;
}

std::string unescaped(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> entities[] = {
      {"&lt;", "<"},  {"&gt;", ">"},   {"&quot;", "\""},
      {"&#39;", "'"}, {"&apos;", "'"}, {"&amp;", "&"}};
  for (std::size_t at = 0; (at = text.find('&', at)) != std::string::npos; ++at) {
    bool known = false;
    for (const auto& [entity, character] : entities)
      if (!known && text.compare(at, entity.size(), entity) == 0) {
        text.replace(at, entity.size(), character);
        known = true;
      }
    require(known);
  }
  return text;
}

void check_markup(std::string_view input) {
  const std::string text = markup_text(input);
  for (const char c : {'<', '>', '"', '\n'}) require(text.find(c) == std::string::npos);
  require(unescaped(text) == one_line(input));
}

void check_markdown(std::string_view input) {
  const std::string text = inert(input);
  require(!has_control(text) && text.find('\n') == std::string::npos);
  // What would begin markup stands behind a backslash or is a character reference.
  for (const char c : {'<', '|', '@'})
    for (std::size_t at = text.find(c); at != std::string::npos; at = text.find(c, at + 1))
      require(at > 0 && text[at - 1] == '\\');
}

void check_log(std::string_view input) {
  // Nothing but the fence's own lines is outside of the fence.
  constexpr std::string_view begin = "::stop-commands::0123456789abcdef\n",
                             end = "\n::0123456789abcdef::\n";
  const std::string text = fenced(input, "0123456789abcdef");
  require(text.starts_with(begin) && text.ends_with(end));
}

}  // namespace

void try_input(std::string_view input) {
  const std::string valid = valid_utf8(input), shown = printable(input);
  require(valid_utf8(valid) == valid && printable(shown) == shown && !has_control(shown));
  require(valid_utf8(shown) == shown && one_line(input).find('\n') == std::string::npos);
  for (const std::size_t length : {1U, 3U, 20U}) {
    require(clipped_characters(valid, length).size() <= 4 * length + 4);
    require(valid_utf8(clipped(valid, length + 3)).size() <= length + 3);
    require(columns_of(end_of(valid, length + 1)) <= length + 1);
  }
  (void)wrapped(shown, 20);
  (void)last_line(input);
  (void)is_linkable(input);
  (void)did_you_mean(input, {"cases", "percent"});
  require(glob_match("*", input));
  require(parse_json(Json(valid).dump(), "own") == Json(valid));
  check_markup(input);
  check_markdown(input);
  check_log(input);
}
