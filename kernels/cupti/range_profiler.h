// SPDX-License-Identifier: Apache-2.0
// One collection of counters by CUPTI's range profiler, pass by pass.
//
//   RangeProfiler profiler(context, CountWhat::kernels, counters, config, most);
//   do { prepare; profiler.start(); launch; synchronise; } while (!profiler.stop());
//   const std::vector<std::uint8_t>& data = profiler.decode();
//   for (std::size_t range : ranges_in_order(data)) host.evaluate(data, range, counters);
//
// Hazard: a value is put together from several passes, so the work must be the same in each.
//
// CountWhat::kernels (AutoRange) waits for the device after each launch: a kernel that waits for a
// later one hangs, and a CUDA graph is refused by stop(). CountWhat::ranges (UserRange) gives one
// value for all that ran between push() and pop(), graphs and overlapping kernels included.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct CUpti_RangeProfiler_Object;

namespace perfgate {

enum class CountWhat { kernels, ranges };

/// An enabled range profiler with a fresh counter data image, for one collection. CUPTI documents
/// how to reset the image but not the passes already submitted; disabling resets all.
class RangeProfiler {
 public:
  /// `config` must outlive this object. `most` is how many ranges a pass can have.
  RangeProfiler(CUcontext context, CountWhat what, const std::vector<std::string>& counters,
                const std::vector<std::uint8_t>& config, std::size_t most);
  ~RangeProfiler();
  RangeProfiler(const RangeProfiler&) = delete;
  RangeProfiler& operator=(const RangeProfiler&) = delete;

  /// Begins a pass. The device must be idle.
  void start();
  /// Begin and end of the range, for CountWhat::ranges. The device must be idle at both.
  void push(const char* name);
  void pop();
  /// Ends the pass; the device must be idle. Returns true after the last one.
  bool stop();

  /// Returns the counter data of all passes; throws DeviceError when ranges are missing in it.
  const std::vector<std::uint8_t>& decode();

 private:
  struct Disable {
    void operator()(CUpti_RangeProfiler_Object* profiler) const;
  };

  void make_image(const std::vector<std::string>& counters, std::size_t most);
  void configure(CountWhat what, std::size_t most);

  // The image is declared first, so that it is freed last: CUPTI may write to it until it is
  // disabled.
  std::vector<std::uint8_t> m_image;
  std::unique_ptr<CUpti_RangeProfiler_Object, Disable> m_profiler;
  const std::vector<std::uint8_t>& m_config;
  bool m_started = false;
};

/// Returns the places of the ranges in the image. Of CountWhat::kernels they are in the order of
/// launches: the image's own order may be that of the names, in which "10" comes before "2".
std::vector<std::size_t> ranges_in_launch_order(std::span<const std::uint8_t> counter_data);

}  // namespace perfgate
