// SPDX-License-Identifier: Apache-2.0
// What a fuzz target is: seeds, and a function that must come back from any input. Each <name>.cpp
// beside this folder defines one; engine.cpp runs it, under libFuzzer or by itself.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/util/error.h"

/// What the inputs look like, so that a mutation has a chance of being read.
enum class InputForm { json, lines, bytes };

extern const InputForm input_form;

/// The longest input that is made, in bytes: longer ones are tried less often and rarely find more.
/// What a megabyte costs is perfgate-parser-benchmark's question.
extern const std::size_t longest_input;

/// Inputs that are read without an error. Files in corpus/<target>/ are seeds too.
std::vector<std::string> seeds();

/// Runs what is tested. It ends with abort(), a sanitizer's report or a foreign exception where
/// something is wrong.
void try_input(std::string_view input);

/// Clang 14 has no std::source_location.
inline void require(bool holds, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: this does not hold\n", file, line);
  std::abort();
}

/// Runs `action`, which may refuse its input in the two ways that the program documents. Returns
/// false when it did.
template <class Action>
bool accepted(const Action& action) {
  try {
    action();
    return true;
  } catch (const perfgate::UsageError& error) {
    require(*error.what() != '\0');
  } catch (const perfgate::NoVerdict& error) {
    require(*error.what() != '\0');
  }
  return false;
}

/// One element for each input: all of them for all inputs would make the search slow.
template <class List>
const auto& one_of(const List& list, std::string_view input) {
  return list[std::hash<std::string_view>()(input) % list.size()];
}

/// True for one input in `count`, always the same ones: for what follows on an input and takes many
/// times as long as reading it.
inline bool is_one_in(std::size_t count, std::string_view input) {
  return std::hash<std::string_view>()(input) / 64 % count == 0;
}
