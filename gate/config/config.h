// Policy as data: what is measured, how often, and what counts as a regression. Read from
// configs/ by strict parsers; measured numbers never stand here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gate/decode/layer_model.h"
#include "gate/record/metric.h"

namespace perfgate {

/// What perfgate does about the GPU's clocks (design, section 4).
enum class ClockPolicy { lock, verify, observe };
struct ClockPolicyInfo {
  ClockPolicy policy;
  std::string_view id, meaning;
};
inline constexpr std::array<ClockPolicyInfo, 3> clock_policies{{
    {ClockPolicy::lock, "lock", "lock SM and memory clocks while measuring, restore on exit"},
    {ClockPolicy::verify, "verify", "somebody else locked them: check that they hold"},
    {ClockPolicy::observe, "observe", "change nothing, record them"},
}};
std::string_view clock_policy_id(ClockPolicy policy);

enum class OnInconclusive { fail, warn };

/// The cases of the default run: every combination.
struct Suite {
  std::vector<std::string> models;
  std::vector<int> batches;
  std::vector<int> contexts;
  std::vector<DType> dtypes;
};

struct MeasurePolicy {
  int processes = 0;           ///< fresh timing processes of a run
  int baseline_processes = 0;  ///< of a refresh
  int samples = 0;             ///< fewest samples of a case in a process
  double timeout_s = 0;        ///< a runner that takes longer is killed
  std::string metric_set;
  ClockPolicy clocks = ClockPolicy::observe;
  double clock_tolerance = 0.01;  ///< ratio; of lock and verify
  std::uint64_t seed = 0;         ///< of weights and inputs
  GemmBackend backend = GemmBackend::automatic;
};

/// How much slower the cases that match `cases` may get.
struct Tolerance {
  std::string cases;  ///< glob
  double ratio = 0;   ///< 0.02: two percent
  std::string why;
};

/// How much worse a metric may get that repeats exactly or nearly (metric.h); without an entry it
/// is shown and decides nothing.
struct MetricTolerance {
  std::string metric, cases;  ///< an id; a glob
  double ratio = 0;
  double floor = 0;  ///< SI; smaller changes are never a regression
  std::string why;
};

struct JudgePolicy {
  double screen_alpha = 0;  ///< one-sided error of the screen and of the bounds that are shown
  double thorough_screen_alpha = 0;  ///< the same under --thorough
  double alpha = 0;                  ///< chance that a run without any slowdown calls one proved
  double floor_s = 0;                ///< smaller changes are never a regression
  double other_board = 0;  ///< ratio that the tolerance grows by against another board's baseline
  OnInconclusive on_inconclusive = OnInconclusive::fail;
  std::vector<Tolerance> tolerances;  ///< the last match wins, as in CODEOWNERS

  std::vector<MetricTolerance> metric_tolerances{};

  const Tolerance& tolerance_of(std::string_view case_id) const;
  /// The last entry for this metric and case; null: it decides nothing.
  const MetricTolerance* metric_tolerance(std::string_view metric, std::string_view case_id) const;
};

/// A GPU product that perfgate knows by name, with datasheet numbers (never measured ones).
struct GpuModel {
  std::string id;                  ///< "h100": --gpu and baselines/<id>.toml
  std::vector<std::string> names;  ///< exactly as the driver reports them
  std::string chip;                ///< CUPTI's name
  double dram_bytes_per_s = 0;
  double fp16_flops = 0;  ///< dense tensor-core peak
  double fp32_flops = 0;
  double boost_hz = 0;
  std::optional<int> lock_sm_mhz, lock_mem_mhz;  ///< of lock and verify, as NVML takes them
};

struct Config {
  Suite suite;
  MeasurePolicy measure;
  JudgePolicy judge;
  std::string replay;  ///< the recording that stands in where there is no GPU, in tests/recordings
  std::map<std::string, ModelShape> models;  ///< by name
  std::vector<GpuModel> gpus;
  std::vector<Metric> metrics;
};

/// Each parser throws UsageError "file:line: key: text".
struct Policy {
  Suite suite;
  MeasurePolicy measure;
  JudgePolicy judge;
  std::string replay;
};
Policy parse_policy(std::string_view text, const std::string& source);
ModelShape parse_model(std::string_view text, const std::string& source);
GpuModel parse_gpu(std::string_view text, const std::string& source);

/// The id of the GPU that calls itself `name`: from configs/gpus, else a slug of the name, so that
/// an unknown GPU still has a baseline file of its own.
std::string gpu_id(const std::vector<GpuModel>& gpus, std::string_view name);
const GpuModel* find_gpu(const std::vector<GpuModel>& gpus, std::string_view id);

}  // namespace perfgate
