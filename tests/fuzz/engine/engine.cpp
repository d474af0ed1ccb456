// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target: under libFuzzer, which is steered by coverage, or by itself in any build
// (PERFGATE_FUZZ_ALONE), where it tries every seed and then mutations of them for some seconds.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "gate/os/files.h"
#include "tests/fuzz/engine/mutation.h"
#include "tests/fuzz/engine/target.h"

namespace {

/// The target's own seeds, and the files of its folder in corpus/.
const std::vector<std::string>& all_seeds() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> found = seeds();
    std::error_code none;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(PERFGATE_FUZZ_CORPUS, none))
      files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) found.push_back(perfgate::read_file(file));
    require(!found.empty());
    for (const std::string& seed : found) require(seed.size() <= longest_input);
    return found;
  }();
  return all;
}

/// Once in so many mutations a seed begins anew: libFuzzer starts with an empty input.
constexpr unsigned mutations_a_seed = 64;

std::string next_input(std::string_view input, Random& random) {
  if (input.size() < 2 || random() % mutations_a_seed == 0)
    return mutated(all_seeds()[random() % all_seeds().size()], input_form, random);
  return mutated(input, input_form, random);
}

}  // namespace

#ifndef PERFGATE_FUZZ_ALONE

// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): names of libFuzzer and
// ASan.
extern "C" {
const char* __asan_default_options();
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
}

/// Shorter stacks of allocations, and less freed memory that is held back: a third of the memory
/// and fewer page faults, and a report still names the place.
const char* __asan_default_options() {
  return "malloc_context_size=4:quarantine_size_mb=16";
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
  Random random(seed);
  max_size = std::min(max_size, std::max(size, longest_input));
  if (size >= 2 && random() % 3 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::string next = next_input({reinterpret_cast<const char*>(data), size}, random);
  const std::size_t length = std::min({next.size(), max_size, longest_input});
  std::memcpy(data, next.data(), length);
  return length;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)

#else

namespace {

std::string current;

/// Leaves the input that ends the program where it can be tried again.
void on_abort(int) {
  if (std::FILE* const file = std::fopen("failing-input", "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
    std::fputs("the input is in the file failing-input\n", stderr);
  }
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

void run(std::string input) {
  current = std::move(input);
  try_input(current);
}

}  // namespace

/// fuzz-TARGET SECONDS [FILE...]: tries the files, or the seeds and then mutations of them.
int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  std::signal(SIGABRT, on_abort);
  std::size_t tried = 0;
  for (int i = 2; i < argc; ++i, ++tried) run(perfgate::read_file(argv[i]));
  if (argc <= 2)
    for (const std::string& seed : all_seeds()) run(seed), ++tried;
  const auto end = Clock::now() + std::chrono::duration<double>(argc > 1 ? std::atof(argv[1]) : 0);
  Random random(1);
  // A few changes at a time: one is often refused at once, many always are.
  for (std::string input; argc <= 2 && Clock::now() < end; ++tried) {
    constexpr unsigned longest_chain = 6;
    if (tried % longest_chain == 0) input.clear();
    input = next_input(input, random);
    input.resize(std::min(input.size(), longest_input));
    run(input);
  }
  std::printf("%zu inputs tried\n", tried);
  return 0;
}

#endif
