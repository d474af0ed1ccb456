// SPDX-License-Identifier: Apache-2.0
// A name from a program as a piece of a case's id. Ids go through globs, TOML, Markdown and shells,
// and have a length (gate/record/case_name.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace perfgate {

/// `name` in at most `most_bytes` (at least 16) bytes and without characters that mean something
/// where ids are used (/ * ? ~ # < > | \ and quotes) or steer a terminal; each becomes '_'. A name
/// that was changed ends in '~' and eight hexadecimal digits of its hash, so that two names stay
/// two. Never "".
std::string case_text(std::string_view name, std::size_t most_bytes);

}  // namespace perfgate
