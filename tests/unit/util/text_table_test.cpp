// SPDX-License-Identifier: Apache-2.0
#include "gate/util/text_table.h"

#include "gate/util/text.h"
#include "gate/util/text_wrap.h"
#include "tests/support/catch.h"
#include "tests/support/fake_measure.h"

using namespace perfgate;

namespace {

TextTable sample_table() {
  return {"kernels of 40 occurrences",
          {{"case", Align::left}, {"us"}, {"kernel", Align::left}},
          {{"norm", "2.00", "void norm<float>(float*)"}, {"gemm#2", "145.10", "nvjet_tst"}},
          "and 3 more"};
}

}  // namespace

TEST_CASE("numbers stand at the right of their column, text at the left", "[text_table]") {
  CHECK(table_text(sample_table(), 100) ==
        "kernels of 40 occurrences\n"
        "case       us kernel\n"
        "norm     2.00 void norm<float>(float*)\n"
        "gemm#2 145.10 nvjet_tst\n"
        "and 3 more\n");
}

TEST_CASE("the last text gives way first, then the others from their beginning", "[text_table]") {
  TextTable table = sample_table();
  table.rows[0][0] = "a_name_that_is_longer_than_it_need_be#3";
  table.rows[0][2] = std::string(300, 'x');
  for (const std::size_t columns : {std::size_t{100}, std::size_t{60}, std::size_t{40}}) {
    const std::string text = table_text(table, columns);
    for (const std::string& line : split(text, '\n')) CHECK(columns_of(line) <= columns);
    CHECK_THAT(text, ContainsSubstring("be#3"));
  }
}

TEST_CASE("a last text without room stands below its row, whole", "[text_table]") {
  CHECK(table_text(sample_table(), 30) ==
        "kernels of 40 occurrences\n"
        "case       us\n"
        "    kernel\n"
        "norm     2.00\n"
        "    void norm<float>(float*)\n"
        "gemm#2 145.10\n"
        "    nvjet_tst\n"
        "and 3 more\n");
}

TEST_CASE("ids without room are a group's line and parts below it", "[text_table]") {
  TextTable table{"",
                  {{"case", Align::left}, {"us"}},
                  {{"llama/b1/norm", "2.00"}, {"llama/b1/o_proj", "145.10"}, {"app", "1.00"}}};
  table.of_cases = true;
  CHECK(table_text(table, 22) ==
        "case                us\n"
        "llama/b1/norm     2.00\n"
        "llama/b1/o_proj 145.10\n"
        "app               1.00\n");
  CHECK(table_text(table, 21) ==
        "case       us\n"
        "llama/b1\n"
        "norm     2.00\n"
        "o_proj 145.10\n"
        "\n"
        "app      1.00\n");
}
