// SPDX-License-Identifier: Apache-2.0
// Where a run's work comes from: the built-in layer, a CUDA program, another tool's file.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "gate/util/json_object.h"

namespace perfgate {

struct Source {  // NOLINT(bugprone-exception-escape): Json moves by an assertion that cannot throw
  std::string id;  ///< "decode"
  Json request;    ///< what the source shall do; only the source itself reads it
  /// Settings, by name, that must be equal on both sides of a comparison. A name that
  /// work_setting() made concerns the cases of one group; a side without the group has no such one.
  std::map<std::string, std::string> settings;

  bool operator==(const Source&) const = default;
};

/// Returns the name of the setting that says what the cases of a group compute: their shapes.
inline std::string work_setting(std::string_view group) {
  return "work of " + std::string(group);
}
inline bool is_work_setting(std::string_view name) {
  return name.starts_with("work of ");
}

/// The built-in layer. Its runner compares each case with a reference before it times it, so a
/// record without a check is incomplete; no reference exists for a program's or a tool's cases.
inline constexpr std::string_view decode_source_id = "decode";
inline bool has_checks(const Source& source) {
  return source.id == decode_source_id;
}

/// A CUDA program is the source "program NAME"; its cases are "NAME/..." or, of one of several
/// ranks, "NAME@RANK/...".
inline constexpr std::string_view program_source_prefix = "program ";
inline bool is_program(std::string_view source_id) {
  return source_id.starts_with(program_source_prefix);
}
inline bool is_case_of_program(std::string_view source_id, std::string_view case_id) {
  const std::string_view name = source_id.substr(program_source_prefix.size());
  return case_id.starts_with(name) && case_id.size() > name.size() &&
         (case_id[name.size()] == '/' || case_id[name.size()] == '@');
}

/// The setting of a program that times itself: the tool that it does so by, and writes the file of.
/// Its cases are all that its file holds, so one that is gone is missing.
inline constexpr const char* import_setting = "import";

/// What another tool measured is the source "import TOOL".
inline constexpr std::string_view import_source_prefix = "import ";
inline bool is_import(std::string_view source_id) {
  return source_id.starts_with(import_source_prefix);
}

}  // namespace perfgate
