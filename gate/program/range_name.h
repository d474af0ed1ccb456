// SPDX-License-Identifier: Apache-2.0
// The identity of a range's case: occurrences of one work have names that differ in running numbers
// (`my_decode_10_5`), and those become `{n}`.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace perfgate {

inline constexpr std::size_t longest_range_template = 160;  ///< bytes, of the 400 of an id

/// Each name (once) with its template. Names that are equal but for numbers share one, in which the
/// numbers that vary between them are `{n}`: "my_decode_{n}_{n}"; a number that is equal in all of
/// them stays. Names that differ in more are cases of their own. A template is safe as a part of a
/// case's id: see case_text().
///
/// The dictionaries that vLLM's layer-wise hooks print as names
/// (`{'Module': 'model.layers.7.self_attn', 'Inputs': [[1, 4096]]}`) become
/// "model.layers.{n}.self_attn(1x4096)": the layer's number is `{n}` whether it varies or not, and
/// all lists of sizes are part of the case, so that only equal shapes are pooled.
std::map<std::string, std::string> range_templates(std::span<const std::string> names);

/// The one template of all names; nullopt when they differ in more than numbers, or there is none.
std::optional<std::string> range_template(std::span<const std::string> names);

}  // namespace perfgate
