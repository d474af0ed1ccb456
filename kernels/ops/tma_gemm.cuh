// SPDX-License-Identifier: Apache-2.0
// The device side of tma_gemm.cu, which says why it is built like this.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <cuda/ptx>

#include "kernels/cuda/overlap.cuh"
#include "kernels/cuda/pack.cuh"
#include "kernels/cuda/wgmma.cuh"

namespace perfgate {

inline constexpr int tma_slab_k = 64;  ///< elements of k in the 128 bytes of a swizzled row
inline constexpr int tma_gemm_threads = 4 * 32 + 32;  ///< four warps multiply, one loads

/// A block (or a pair of blocks) begins this many slots further along k than the one before it.
inline constexpr int tma_stagger = 3;

/// How a kernel of tma_gemm divides the work. in_rows: rows of the activations, a multiple of 8, at
/// most 64; weight_rows: rows of weight of a block (of a pair, if split), a multiple of 8 (of 16,
/// if split), at most 256; slabs: slabs of k in a slot; split: 2 for pairs of blocks, each with
/// half of k; most_slots: the most slots that the ring has, 0 for as many as fit; streams: the
/// weights leave the L2 first, and come by 128 bytes.
template <int in_rows_, int weight_rows_, int slabs_, int blocks_per_sm_, int split_,
          int most_slots, bool streams_>
struct TmaTile {
  static constexpr int in_rows = in_rows_, weight_rows = weight_rows_, slabs = slabs_,
                       blocks_per_sm = blocks_per_sm_, split = split_;
  static constexpr bool streams = streams_;
  static constexpr int sums = weight_rows / 2;  ///< sums of each thread
  static constexpr int in_slab = in_rows * swizzled_row_bytes;
  static constexpr int weight_slab = weight_rows * swizzled_row_bytes;
  static constexpr int slot_bytes = slabs * (in_slab + weight_slab);
  static constexpr int partial_bytes = split == 1 ? 0 : sums / 2 * 128 * sizeof(float);
  static constexpr int fitting_slots = (228 * 1024 / blocks_per_sm - 1024 /* CUDA's */ -
                                        1024 /* to align */ - partial_bytes - 512 /* the ring */) /
                                       slot_bytes;
  static constexpr int slots =
      most_slots > 0 && fitting_slots > most_slots ? most_slots : fitting_slots;
  static constexpr int shared_bytes = slots * slot_bytes + partial_bytes + 1024;
  static_assert(in_rows % 8 == 0 && in_rows <= 64 && weight_rows % (8 * split) == 0);
  // wgmma reads 64 rows of `in` whatever in_rows is: for those beyond in_rows it reads the bytes
  // that follow.
  static_assert(slots >= 3 && (slabs - 1) * in_slab + 64 * swizzled_row_bytes <= slot_bytes);
};

/// Each slot of shared memory has two barriers: its bytes have arrived, and they have been read.
template <int slots>
struct TmaRing {
  std::uint64_t full[slots], empty[slots];

  /// Called by one thread, before any other touches the ring.
  __device__ void init() {
    for (int i = 0; i < slots; ++i) {
      cuda::ptx::mbarrier_init(full + i, 1);
      cuda::ptx::mbarrier_init(empty + i, 1);
    }
    cuda::ptx::fence_mbarrier_init(cuda::ptx::sem_release, cuda::ptx::scope_cluster);
  }
  /// Called by the thread that fills: waits until the slot has been read, and announces the bytes
  /// to come.
  __device__ __forceinline__ void begin_fill(int turn, int bytes) {
    if (turn >= slots) wait(empty, turn - slots);
    cuda::ptx::mbarrier_arrive_expect_tx(cuda::ptx::sem_release, cuda::ptx::scope_cta,
                                         cuda::ptx::space_shared, full + turn % slots, bytes);
  }
  __device__ __forceinline__ void wait_full(int turn) { wait(full, turn); }
  /// Called by one thread, for all that have read.
  __device__ __forceinline__ void release(int turn) {
    cuda::ptx::mbarrier_arrive(empty + turn % slots);
  }

 private:
  __device__ __forceinline__ static void wait(std::uint64_t* barriers, int turn) {
    while (!cuda::ptx::mbarrier_try_wait_parity(barriers + turn % slots, turn / slots % 2)) {
    }
  }
};

__device__ __forceinline__ void prefetch_map(const CUtensorMap& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

/// Called by one thread: loads 64 elements of k, of as many rows as the map's box has.
__device__ __forceinline__ void load_slab(std::byte* to, const CUtensorMap& map, int k, int row,
                                          std::uint64_t* full) {
  const std::int32_t at[2] = {k, row};
  cuda::ptx::cp_async_bulk_tensor(cuda::ptx::space_cluster, cuda::ptx::space_global, to, &map, at,
                                  full);
}

/// The same for what is read once: other lines leave the L2 later.
__device__ __forceinline__ void load_slab_once(std::byte* to, const CUtensorMap& map, int k,
                                               int row, std::uint64_t* full) {
  std::uint64_t evict_first;
  asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(evict_first));
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint "
      "[%0], [%1, {%2, %3}], [%4], %5;" ::"r"(
          static_cast<std::uint32_t>(__cvta_generic_to_shared(to))),
      "l"(&map), "r"(k), "r"(row), "r"(static_cast<std::uint32_t>(__cvta_generic_to_shared(full))),
      "l"(evict_first)
      : "memory");
}

/// A block's place in the matrices and in its shared memory. A slot holds the slabs of `in`, then
/// those of the weight.
template <class T, class Tile>
class TmaBlock {
 public:
  __device__ __forceinline__ TmaBlock(std::byte* slots, TmaRing<Tile::slots>& ring, int k)
      : turns(k / (tma_slab_k * Tile::slabs * Tile::split)),
        first_row(static_cast<int>(blockIdx.x) / Tile::split * Tile::weight_rows),
        rank(static_cast<int>(blockIdx.x) % Tile::split),
        m_first_turn(static_cast<int>(blockIdx.x) / Tile::split * tma_stagger % turns),
        m_slots(slots),
        m_ring(ring) {}

  int turns;      ///< slots to be filled and read
  int first_row;  ///< of this block, in the weight
  int rank;       ///< of this block, in its pair

  /// Called by one thread: loads the weights of a turn, and announces all bytes that its slot will
  /// get.
  __device__ __forceinline__ void load_weights(const CUtensorMap& weight, int turn) {
    m_ring.begin_fill(turn, Tile::slot_bytes);
    constexpr auto load = Tile::streams ? load_slab_once : load_slab;
#pragma unroll
    for (int slab = 0; slab < Tile::slabs; ++slab)
      load(weight_slab(turn, slab), weight, first_k(turn, slab), first_row,
           m_ring.full + turn % Tile::slots);
  }
  __device__ __forceinline__ void load_in(const CUtensorMap& in, int turn) {
#pragma unroll
    for (int slab = 0; slab < Tile::slabs; ++slab)
      load_slab(in_slab(turn, slab), in, first_k(turn, slab), 0, m_ring.full + turn % Tile::slots);
  }

  /// Called by the four warps: sums[64 x weight_rows] += in * weight^T over all of the block's k.
  __device__ __forceinline__ void multiply(float* sums) {
    for (int turn = 0; turn < turns; ++turn) {
      m_ring.wait_full(turn);
      wgmma_begin();
#pragma unroll
      for (int slab = 0; slab < Tile::slabs; ++slab) multiply_slab(sums, turn, slab);
      wgmma_commit();
      wgmma_wait<1>();  // for the turn before this one
      // One thread's wait holds for all four warps, because they issue a group of products
      // together.
      if (turn > 0 && threadIdx.x == 0) m_ring.release(turn - 1);
    }
    wgmma_wait<0>();
  }

 private:
  __device__ __forceinline__ void multiply_slab(float* sums, int turn, int slab) {
    const std::uint64_t in = swizzled_matrix(in_slab(turn, slab));
    const std::uint64_t weight = swizzled_matrix(weight_slab(turn, slab));
#pragma unroll
    for (int step = 0; step < tma_slab_k / 16; ++step)
      wgmma_64xNx16<T, Tile::weight_rows>(sums, in + 2 * step, weight + 2 * step);
  }

  __device__ __forceinline__ int first_k(int turn, int slab) const {
    const int staggered =
        turn + m_first_turn < turns ? turn + m_first_turn : turn + m_first_turn - turns;
    return ((rank * turns + staggered) * Tile::slabs + slab) * tma_slab_k;
  }
  __device__ __forceinline__ std::byte* in_slab(int turn, int slab) const {
    return m_slots + turn % Tile::slots * Tile::slot_bytes + slab * Tile::in_slab;
  }
  __device__ __forceinline__ std::byte* weight_slab(int turn, int slab) const {
    return in_slab(turn, 0) + Tile::slabs * Tile::in_slab + slab * Tile::weight_slab;
  }

  int m_first_turn;
  std::byte* m_slots;
  TmaRing<Tile::slots>& m_ring;
};

/// Four neighbouring lanes have four values each: lane l gets the l-th ones of all four.
__device__ __forceinline__ void transpose_in_four_lanes(unsigned (&values)[4]) {
#pragma unroll
  for (int distance = 1; distance <= 2; distance *= 2) {
    const bool upper = (threadIdx.x & distance) != 0;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if ((i & distance) != 0) continue;
      unsigned& low = values[i];
      unsigned& high = values[i + distance];
      const unsigned got = __shfl_xor_sync(0xffffffff, upper ? low : high, distance);
      (upper ? low : high) = got;
    }
  }
}

/// Stores this thread's sums to `out`, from `first_column` on (wgmma.cuh says where they lie). Four
/// lanes hold pairs of columns of 32; transposing them gives each lane eight neighbouring columns.
template <class T, int count>
__device__ __forceinline__ void store_sums(const float* sums, T* out, int first_column, int m,
                                           int n) {
  constexpr int eights = count / 4;
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int first_row = static_cast<int>(threadIdx.x) / 32 * 16 + 8 * half;
    if (first_row >= m) return;
    const int row = first_row + lane / 4;
#pragma unroll
    for (int j = 0; j < eights; j += 4) {
      unsigned pairs[4] = {};
#pragma unroll
      for (int i = 0; i < 4 && j + i < eights; ++i)
        pairs[i] = pack_pair<T>(sums[4 * (j + i) + 2 * half], sums[4 * (j + i) + 2 * half + 1]);
      transpose_in_four_lanes(pairs);
      const int eight = j + lane % 4, column = first_column + 8 * eight;
      if (row < m && eight < eights && column < n)
        *reinterpret_cast<uint4*>(out + static_cast<std::int64_t>(row) * n + column) =
            make_uint4(pairs[0], pairs[1], pairs[2], pairs[3]);
    }
  }
}

/// Called by the four warps of both blocks of a pair: each block adds up half of the columns, and
/// sends the other half to its neighbour. Returns this thread's sums of its block's half in the
/// lower half of `sums`.
template <int count>
__device__ __forceinline__ void add_pair(float* sums, float* partial, int rank) {
  float* const remote = static_cast<float*>(__cluster_map_shared_rank(partial, rank ^ 1));
#pragma unroll
  for (int i = 0; i < count / 2; ++i) {
    remote[i * 128 + static_cast<int>(threadIdx.x)] = rank == 0 ? sums[count / 2 + i] : sums[i];
    if (rank == 1) sums[i] = sums[count / 2 + i];
  }
  cuda::ptx::barrier_cluster_arrive();
  cuda::ptx::barrier_cluster_wait();
#pragma unroll
  for (int i = 0; i < count / 2; ++i) sums[i] += partial[i * 128 + static_cast<int>(threadIdx.x)];
}

template <class T, class Tile>
__global__ void __launch_bounds__(tma_gemm_threads, Tile::blocks_per_sm)
    tma_gemm_kernel(const __grid_constant__ CUtensorMap weight,
                    const __grid_constant__ CUtensorMap in, T* out, int m, int n, int k) {
  extern __shared__ std::byte shared[];
  __shared__ TmaRing<Tile::slots> ring;
  std::byte* const slots =
      shared + (1024 - static_cast<std::uint32_t>(__cvta_generic_to_shared(shared)) % 1024) % 1024;
  TmaBlock<T, Tile> block(slots, ring, k);
  const bool loads = threadIdx.x == tma_gemm_threads - 32;
  const int ahead = min(Tile::slots, block.turns);

  if (loads) {
    prefetch_map(weight);
    prefetch_map(in);
    ring.init();
    for (int turn = 0; turn < ahead; ++turn) block.load_weights(weight, turn);
  }
  __syncthreads();
  // The neighbour must have started before a block writes to its shared memory.
  if constexpr (Tile::split > 1) cuda::ptx::barrier_cluster_arrive(cuda::ptx::sem_relaxed);
  wait_for_previous();

  if (loads) {
    for (int turn = 0; turn < ahead; ++turn) block.load_in(in, turn);
    for (int turn = ahead; turn < block.turns; ++turn) {
      block.load_weights(weight, turn);
      block.load_in(in, turn);
    }
    // This call is not at the start: the next GEMM's weights would come between ours.
    let_next_start();
  }
  const bool multiplies = threadIdx.x < tma_gemm_threads - 32;
  float sums[Tile::sums] = {};
  if (multiplies) block.multiply(sums);
  if constexpr (Tile::split == 1) {
    if (multiplies) store_sums<T, Tile::sums>(sums, out, block.first_row, m, n);
  } else {
    cuda::ptx::barrier_cluster_wait();
    if (multiplies) {
      auto* const partial = reinterpret_cast<float*>(slots + Tile::slots * Tile::slot_bytes);
      add_pair<Tile::sums>(sums, partial, block.rank);
      store_sums<T, Tile::sums / 2>(sums, out, block.first_row + block.rank * Tile::weight_rows / 2,
                                    m, n);
    } else {
      cuda::ptx::barrier_cluster_arrive(cuda::ptx::sem_relaxed);
      cuda::ptx::barrier_cluster_wait();
    }
  }
}

}  // namespace perfgate
