// SPDX-License-Identifier: Apache-2.0
#include "gate/report/markdown_text.h"

#include "tests/support/catch.h"

using namespace perfgate;

TEST_CASE("what comes from outside is inert in Markdown", "[markdown_text]") {
  const std::string text = table_markdown(
      {"a *title*", {{"case", Align::left}, {"us"}}, {{"<img>|@someone", "1"}}, "a_note"});
  CHECK(text ==
        "**a \\*title\\***\n\n| case | us |\n| :-- | --: |\n"
        "| &lt;img&gt;\\|&#64;&#8203;someone | 1 |\n\na\\_note\n\n");
}
