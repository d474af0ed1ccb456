// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/memory_layout.h"

#include "tests/support/catch.h"

using namespace perfgate;

namespace {

constexpr std::size_t kib = 1024, mib = 1024 * kib;

}  // namespace

TEST_CASE("large buffers begin on pages, small ones share them", "[memory_layout]") {
  // 3 MiB and 1 MiB are large; 100 bytes, 0 bytes and 600 bytes are small.
  const MemoryLayout layout = lay_out({3 * mib, 100, 1 * mib, 0, 600});
  CHECK(layout.offsets == std::vector<std::size_t>{2 * mib, 0, 6 * mib, 512, 512});
  CHECK(layout.bytes == 8 * mib);
}

TEST_CASE("no small buffer lies in two pages", "[memory_layout]") {
  const std::size_t almost = 1 * mib - 1;
  // The third buffer would end 1 MiB behind the first page's end.
  const MemoryLayout layout = lay_out({almost, almost, almost, 512});
  CHECK(layout.offsets == std::vector<std::size_t>{0, 1 * mib, 2 * mib, 3 * mib});
  CHECK(layout.bytes == 4 * mib);
}

TEST_CASE("a buffer may end with its page", "[memory_layout]") {
  const MemoryLayout layout = lay_out({1 * mib - 512, 512 * kib, 512 * kib + 512, 512, 2 * mib});
  CHECK(layout.offsets ==
        std::vector<std::size_t>{0, 1 * mib - 512, 3 * mib / 2 - 512, 2 * mib, 4 * mib});
  CHECK(layout.bytes == 6 * mib);
}

TEST_CASE("nothing needs nothing", "[memory_layout]") {
  CHECK(lay_out({}).bytes == 0);
}
