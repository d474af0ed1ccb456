#include "kernels/overlap_check.h"

#include <fmt/format.h>

#include <tuple>
#include <vector>

#include "kernels/comparison.h"
#include "kernels/cuda_check.h"
#include "kernels/decode_state.h"
#include "kernels/device_reader.h"
#include "kernels/step_check.h"

namespace perfgate {

void require_same_without_overlap(DecodeStep& step, int set) {
  const DType dtype = step.workload().dtype;
  const DeviceReader read(dtype, step.stream());
  step.use_activations(set);
  const Activations& warm = step.state().warm();
  const std::vector<double> hidden = read.values(warm.hidden);
  const std::vector<double> residual = read.values(warm.residual);
  step.overlap(Overlap::off);
  step.run(set);
  // Kernels that add up in the same order leave the same bits; a limit for one that does not.
  for (const auto& [name, overlapped, buffer] : {std::tuple{"hidden state", &hidden, &warm.hidden},
                                                 {"residual", &residual, &warm.residual}}) {
    Comparison comparison;
    comparison.add(*overlapped, read.values(*buffer));
    if (const double error = comparison.error(); !(error <= error_limit(dtype)))
      throw DeviceError(fmt::format(
          "the layers' {} differs by {:.1e} when their kernels overlap: one of them reads or "
          "writes before its wait_for_previous()",
          name, error));
  }
}

}  // namespace perfgate
