// SPDX-License-Identifier: Apache-2.0
#include "gate/record/case_name.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "gate/record/case.h"
#include "gate/util/text.h"

namespace perfgate {

namespace {

void require_name(const JsonObject& json, const char* key, const std::string& name) {
  if (name.empty()) json.fail(key, "is empty");
  if (name.size() > longest_case_id)
    json.fail(key, fmt::format("{} bytes long, more than {}", name.size(), longest_case_id));
}

}  // namespace

CaseName read_case_name(JsonObject& json) {
  CaseName name;
  name.group = json.string("group");
  name.part = json.string("part");
  require_name(json, "group", name.group);
  require_name(json, "part", name.part);
  name.id = case_id(name.group, name.part);
  if (name.id.size() > longest_case_id)
    json.fail("part", fmt::format("with its group {} bytes long, more than {}", name.id.size(),
                                  longest_case_id));
  if (!json.has("whole_of")) return name;
  name.whole_of = json.strings("whole_of");
  std::set<std::string_view> seen;
  for (const std::string& part : name.whole_of) {
    require_name(json, "whole_of", part);
    if (part == name.id) json.fail("whole_of", "the case is made of itself");
    if (!seen.insert(part).second)
      json.fail("whole_of", fmt::format("'{}' stands twice", printable(part)));
  }
  return name;
}

}  // namespace perfgate
