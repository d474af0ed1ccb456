// Where a run's work comes from: the built-in layer, a CUDA program, another tool's file.
#pragma once

#include <map>
#include <string>

#include "gate/util/json_object.h"

namespace perfgate {

struct Source {
  std::string id;  ///< "decode"
  Json request;    ///< what the source shall do; only the source itself reads it
  /// Settings, by name, that must be equal on both sides of a comparison.
  std::map<std::string, std::string> settings;

  bool operator==(const Source&) const = default;
};

}  // namespace perfgate
