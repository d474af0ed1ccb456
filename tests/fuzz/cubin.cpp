// SPDX-License-Identifier: Apache-2.0
// The image of a loaded module is whatever a program loads: hashing it reads nothing outside of it,
// and the code that it gives is the same each time.
#include "kernels/cupti/cubin.h"

#include "tests/fuzz/engine/target.h"
#include "tests/support/made_cubin.h"

using namespace perfgate;

const InputForm input_form = InputForm::bytes;
const std::size_t longest_input = 2000;

namespace {

std::string image(std::size_t code_bytes) {
  MadeCubin cubin;
  cubin.add(".text.kernel", std::string(code_bytes, 'a'));
  cubin.add(".text.other", std::string(code_bytes, 'b'));
  return cubin.image();
}

}  // namespace

std::vector<std::string> seeds() {
  MadeCubin many;
  many.add(".text.f", "foobar");
  many.many_sections = true;
  return {image(16), image(0), image(64), many.image()};
}

void try_input(std::string_view input) {
  // A copy of exactly its size, so that a sanitizer sees a byte too far.
  const std::vector<char> copy(input.begin(), input.end());
  const auto bytes = std::as_bytes(std::span(copy));
  const FunctionHashes found = hash_functions(bytes);
  require(hash_functions(bytes) == found);
  FunctionNames names;
  for (const auto& [name, hash] : found) names.insert(name);
  const auto wanted = hash_functions(bytes, names), unhashed = unhashed_functions(bytes);
  require(wanted.has_value() == unhashed.has_value() && (found.empty() || wanted));
  require(!wanted || (*wanted == found && unhashed->size() == found.size()));
  FunctionHashes all = found;
  merge_functions(all, found);
  require(all == found);
  for (const auto& [name, hash] : found) require(code_of(found, name).size() == (hash ? 16U : 0U));
}
