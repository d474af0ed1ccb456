// SPDX-License-Identifier: Apache-2.0
// Changes an input as its form allows, so that the reader behind the parser is reached.
#pragma once

#include <random>
#include <string>
#include <string_view>

#include "tests/fuzz/engine/target.h"

using Random = std::minstd_rand;

/// Returns `input` with one change. JSON that can't be parsed is changed as bytes.
std::string mutated(std::string_view input, InputForm form, Random& random);
