// SPDX-License-Identifier: Apache-2.0
// Measures a layer whose kernels are launched one by one, and splits that time into the stages and
// the gaps between them. The measurements themselves replay a graph (step_trace.h); this shows that
// the stages' durations there are the same as here, and that nothing is missing.
#pragma once

#include <string>
#include <vector>

#include "gate/decode/decode_source.h"
#include "gate/record/record.h"
#include "kernels/cupti/modules.h"

namespace perfgate {

/// Medians over the layers of many steps of one workload, seconds.
struct LayerSpan {
  std::string workload;
  double span_s = 0;  ///< first kernel's start to last kernel's end, launched one by one
  double gaps_s = 0;  ///< the part of span_s between the end of one stage and the start of the next
  double graph_stages_s = 0;  ///< sum of the stages' durations inside a replayed graph

  /// The share of the span that neither the graph's stages nor the gaps account for.
  double unexplained() const { return (span_s - gaps_s - graph_stages_s) / span_s; }
};

std::vector<LayerSpan> layer_spans(const DecodePlan& plan, const GpuFingerprint& gpu,
                                   const Modules& modules);

}  // namespace perfgate
