// SPDX-License-Identifier: Apache-2.0
// Names and logs from outside, made safe for terminals, web pages, Markdown and workflow logs. What
// is made of them is read again: by cmark-gfm, by Gumbo, and as GitHub's runner reads a log.
#include <algorithm>

#include "gate/github/comment_text.h"
#include "gate/github/workflow_commands.h"
#include "gate/report/markdown_text.h"
#include "gate/report/page_template.h"
#include "gate/util/json_object.h"
#include "gate/util/text.h"
#include "gate/util/text_wrap.h"
#include "tests/fuzz/engine/target.h"
#include "tests/fuzz/oracles/markdown.h"
#include "tests/fuzz/oracles/page.h"
#include "tests/fuzz/oracles/workflow_log.h"

using namespace perfgate;

const InputForm input_form = InputForm::bytes;
const std::size_t longest_input = 2000;

std::vector<std::string> seeds() {
  return {"plain text of a log\nsecond line\n",
          "<script>alert(1)</script> &amp; \"quoted\" 'too' [a](https://b) @octo #12 `code` | x",
          "::error file=a::text\n##[group]x\n::stop-commands::t\n",
          "\x1b[31mred\x1b[0m \xe2\x80\xae gpj.exe \xff\xfe \xed\xa0\x80 \xc3\xa9",
          "https://example.com/a?b=c#d",
          "</script><!-- --><![CDATA[ x=\"'` onload=y> &lt &#x3c; &#0;",
          "[^1] ![i](j) [x] <a@b.c> ~~~ ``` $$ \\| \\\\| ftp://x mailto:a@b.c",
          "www.example.com a@example.com GH-1 octo/hello#1 **b** ~~s~~"};
}

namespace {

bool has_control(std::string_view text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\x7f') return true;
  return false;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// As an element's text and as an attribute's value it is read as the very characters.
void check_markup(std::string_view input) {
  const std::string text = markup_text(input), line = one_line(input);
  for (const char c : {'<', '>', '"', '\n'}) require(text.find(c) == std::string::npos);
  if (const auto page = parse_page("<p title=\"" + text + "\">x" + text + "</p>"))
    require(*page == std::vector<PageElement>{{"p", {{"title", line}}, "x" + line}});
  const std::string json = script_json(Json(valid_utf8(input)));
  if (const auto page = parse_page("<p></p><script type=\"a\">" + json + "</script>"))
    require(*page == std::vector<PageElement>{{"p", {}, ""}, {"script", {{"type", "a"}}, json}});
}

/// As a heading, in a table, bold in a list: text, of which nothing is a link or HTML or notifies.
void check_markdown(std::string_view input) {
  const std::string text = inert(input);
  require(!has_control(text) && text.find('\n') == std::string::npos);
  const std::string line = one_line(input);
  for (const auto& [begin, end] : {std::pair{"### ", "\n"}, std::pair{"||\n|-|\n|x", " |\n"},
                                   std::pair{"- **", "**: x\n"}, std::pair{"- ", "\n"}}) {
    const auto read = parse_markdown(begin + text + end);
    if (!read) return;
    require(read->links.empty() && read->html.empty() && !read->notifies);
    const std::string_view place(begin);
    if (place == "### ") require(read->text == trimmed(line));
    if (place.ends_with("x")) require(read->text == trimmed("x" + line));
  }
}

/// The runner takes the fence's own commands out of the log and no other, and goes on behind it.
void check_log(std::string_view input) {
  constexpr std::string_view token = "0123456789abcdef";
  const std::string text = fenced(input, token);
  if (std::string(input).find(token) != std::string::npos) return;  // real ones are drawn at random
  require(text.find(input) != std::string::npos);
  require(commands_taken(text + "::end::\n") ==
          std::vector<std::string>{"stop-commands", std::string(token), "end"});
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
