// SPDX-License-Identifier: Apache-2.0
// This file is compiled to cubins with FACTOR as 3 and as 4. They show what a changed constant does
// to the code of its kernel, and of the kernels beside it (cubin_test.cpp).

namespace variants {

template <int Offset>
__global__ void scale(float* values) {
  values[threadIdx.x] = values[threadIdx.x] * FACTOR + Offset;
}
template __global__ void scale<1>(float*);

// The factor lies in constant memory, not in the code.
__constant__ float table[1] = {FACTOR};
__global__ void scale_by_table(float* values) {
  values[threadIdx.x] *= table[0];
}

}  // namespace variants

extern "C" __global__ void untouched(float* values) {
  values[threadIdx.x] += 1;
}
