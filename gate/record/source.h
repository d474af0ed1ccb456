// Where a run's work comes from: the built-in layer, a CUDA program, another tool's file.
#pragma once

#include <map>
#include <string>

#include "gate/util/json_object.h"

namespace perfgate {

struct Source {
  std::string id;  ///< "decode"
  Json request;    ///< what it is to do; only the source itself reads it
  /// What must be equal on both sides of a comparison, by name.
  std::map<std::string, std::string> settings;

  bool operator==(const Source&) const = default;
};

}  // namespace perfgate
