// Problem: two loads, one exponential and one store an element; 29 to 114 KB a token at decode.
// Design: one thread a pack of 8, no loop: gate and up are requested together, and blocks of 64
// threads spread the one row of batch 1 over as many SMs as it has packs for.
// Limited by: launch and load latency at decode; HBM bandwidth at prefill (it reads what
// gate_up_proj just wrote, so L2 serves it as long as it fits).
#include <cmath>
#include <stdexcept>

#include "kernels/launch.h"
#include "kernels/overlap.cuh"
#include "kernels/pack.cuh"
#include "kernels/silu_mul.h"

namespace perfgate {

template <class T>
__global__ void __launch_bounds__(64)
    silu_mul_kernel(const uint4* gate_up, uint4* out, unsigned packs, unsigned row_packs) {
  let_next_start();
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= packs) return;
  const unsigned row = i / row_packs;
  const uint4* gate_pack = gate_up + static_cast<std::int64_t>(row) * row_packs + i;
  float gate[pack_elements], up[pack_elements];
  wait_for_previous();
  unpack<T>(gate_pack[0], gate);
  unpack<T>(gate_pack[row_packs], up);
#pragma unroll
  for (int e = 0; e < pack_elements; ++e) up[e] *= __fdividef(gate[e], 1.0f + __expf(-gate[e]));
  out[i] = pack<T>(up);
}

void silu_mul(DType dtype, const void* gate_up, void* out, int rows, int columns,
              const Queue& queue) {
  if (columns % pack_elements != 0) {
    throw std::invalid_argument("silu_mul: columns must be a multiple of 8");
  }
  const auto row_packs = static_cast<unsigned>(columns / pack_elements);
  const unsigned packs = static_cast<unsigned>(rows) * row_packs;
  constexpr unsigned block = 64;
  with_element(dtype, [&](auto element) {
    launch("silu_mul", silu_mul_kernel<decltype(element)>, ceil_div(packs, block), block, queue,
           static_cast<const uint4*>(gate_up), static_cast<uint4*>(out), packs, row_packs);
  });
}

std::vector<double> silu_mul_reference(std::span<const double> gate_up) {
  const std::size_t columns = gate_up.size() / 2;
  std::vector<double> out(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    out[i] = gate_up[i] / (1 + std::exp(-gate_up[i])) * gate_up[columns + i];
  }
  return out;
}

}  // namespace perfgate
