// SPDX-License-Identifier: Apache-2.0
// Which stages to slow down, and by how much (slowdown.h does it).
#pragma once

#include <string>
#include <vector>

#include "gate/decode/layer_model.h"

namespace perfgate {

/// Stages to stretch, and by how much of their time (0.02 is two percent).
struct StretchPlan {
  std::vector<Stage> stages;
  double ratio = 0;

  bool covers(Stage stage) const;
};

/// Parses "o_proj,attention=0.02". Throws UsageError.
StretchPlan parse_stretch(const std::string& text);

}  // namespace perfgate
