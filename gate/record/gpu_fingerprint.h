// SPDX-License-Identifier: Apache-2.0
// Which GPU was measured, and its state at that time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace perfgate {

/// What the driver reports about a GPU's state. What could not be read is absent, never guessed.
struct DriverState {
  std::optional<std::string> driver, vbios;
  std::optional<double> power_limit_w;
  std::optional<bool> ecc, mig, persistence;
  std::optional<int> pcie_generation, pcie_width;  ///< the link's maximum; its lanes now

  bool operator==(const DriverState&) const = default;
};

struct GpuFingerprint : DriverState {
  std::string name;  ///< as the driver reports it
  std::string uuid;
  std::string compute_capability;
  int sm_count = 0;  ///< 0: unknown, in what another tool measured
  std::int64_t l2_bytes = 0;
  std::int64_t memory_bytes = 0;
  std::string cuda;                 ///< the runtime version that the runner was built with
  std::string cublas;               ///< the library version that it runs with
  std::optional<std::string> chip;  ///< CUPTI's name, "GH100"; only a counters process knows it

  bool operator==(const GpuFingerprint&) const = default;
};

/// Calls visit(key, field) for every field, in the order in which files list them. `Gpu` is the
/// fingerprint, const or not. Readers and writers of every format go through this list, so that a
/// new field is one line here.
template <class Gpu, class Visit>
void each_field(Gpu& gpu, Visit visit) {
  visit("name", gpu.name);
  visit("uuid", gpu.uuid);
  visit("compute_capability", gpu.compute_capability);
  visit("sm_count", gpu.sm_count);
  visit("l2_bytes", gpu.l2_bytes);
  visit("memory_bytes", gpu.memory_bytes);
  visit("cuda", gpu.cuda);
  visit("cublas", gpu.cublas);
  visit("chip", gpu.chip);
  visit("driver", gpu.driver);
  visit("vbios", gpu.vbios);
  visit("power_limit_w", gpu.power_limit_w);
  visit("ecc", gpu.ecc);
  visit("mig", gpu.mig);
  visit("persistence", gpu.persistence);
  visit("pcie_generation", gpu.pcie_generation);
  visit("pcie_width", gpu.pcie_width);
}

/// Whether `id` can be a GPU's id, which becomes a part of paths, branches and artifacts: a to z, 0
/// to 9 and '-', at most 64 of them; "" is a GPU that no file of configs/gpus knows.
inline bool is_gpu_id(std::string_view id) {
  return id.size() <= 64 &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}
inline constexpr std::string_view gpu_id_wanted = "is made of other than a to z, 0 to 9 and -";

}  // namespace perfgate
