// SPDX-License-Identifier: Apache-2.0
// Which codes are known of the modules that a program loads, on images made by hand.
#include "kernels/program/loaded_modules.h"

#include <string>

#include "tests/support/catch.h"
#include "tests/support/made_cubin.h"

using namespace perfgate;

namespace {

// FNV-1a of "foobar", from its authors' list of test values.
constexpr const char* foobar_hash = "85944171f73967e8";

std::string image_with(const std::string& function, const std::string& code) {
  MadeCubin cubin;
  cubin.add(".text." + function, code);
  return cubin.image();
}

void load_into(LoadedModules& modules, std::string text) {
  modules.loaded(std::as_bytes(std::span(text)));
  text.assign(text.size(), '?');  // CUPTI's image is gone after its callback
}

}  // namespace

TEST_CASE("only the functions that are asked for have a code", "[loaded_modules]") {
  LoadedModules modules;
  load_into(modules, image_with("f", "foobar"));
  load_into(modules, image_with("g", "foobar"));
  const FunctionHashes hashes = modules.hashes({"f", "unknown"});
  CHECK(hashes.size() == 1);
  CHECK(code_of(hashes, "f") == foobar_hash);
}

TEST_CASE("a module that found no room makes its own functions unknown, and no others",
          "[loaded_modules]") {
  LoadedModules modules(image_with("f", "foobar").size() + image_with("g", "foobar").size());
  load_into(modules, image_with("f", "foobar"));
  load_into(modules, image_with("g", "foobar"));
  load_into(modules, image_with("g", "foobar"));
  load_into(modules, image_with("h", "foobar"));
  const FunctionHashes hashes = modules.hashes({"f", "g", "h"});
  CHECK(code_of(hashes, "f") == foobar_hash);
  CHECK(code_of(hashes, "g") == "");
  CHECK(code_of(hashes, "h") == "");
}

TEST_CASE("a module that can't be read makes all functions unknown", "[loaded_modules]") {
  for (const bool kept : {true, false}) {
    LoadedModules modules(kept ? 1000000 : image_with("f", "foobar").size());
    load_into(modules, image_with("f", "foobar"));
    load_into(modules, "no ELF image at all");
    CHECK(modules.hashes({"f"}).empty());
  }
}

TEST_CASE("what is loaded after the launches that are told is not looked at", "[loaded_modules]") {
  LoadedModules modules;
  load_into(modules, image_with("f", "foobar"));
  CHECK(code_of(modules.hashes({"f"}), "f") == foobar_hash);
  load_into(modules, image_with("f", "foobar"));
  CHECK(modules.hashes({"f"}).empty());
}
