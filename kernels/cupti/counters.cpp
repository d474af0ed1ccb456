#include "kernels/cupti/counters.h"

#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>

#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "kernels/cupti/cupti_check.h"
#include "kernels/cupti/profiler_session.h"

namespace perfgate {
namespace {

/// An enabled range profiler with a fresh counter data image, for one collection. CUPTI documents
/// how to reset the image but not the passes already submitted; disabling resets all.
class RangeProfiler {
 public:
  RangeProfiler(const std::vector<std::string>& counters, const std::vector<std::uint8_t>& config,
                std::size_t max_ranges)
      : m_profiler(enable(profiler_session().context)), m_config(config) {
    make_image(counters, max_ranges);
    configure(max_ranges);
  }

  ~RangeProfiler() {
    if (!m_started) return;
    // When an exception leaves a pass, this ends the pass, so that disabling finds the profiler at
    // rest.
    auto params =
        cupti_params<CUpti_RangeProfiler_Stop_Params>(CUpti_RangeProfiler_Stop_Params_STRUCT_SIZE);
    params.pRangeProfilerObject = m_profiler.get();
    cuptiRangeProfilerStop(&params);
  }

  RangeProfiler(const RangeProfiler&) = delete;
  RangeProfiler& operator=(const RangeProfiler&) = delete;

  /// Runs `profiled` to its end on the device, as one pass. Returns true after the last pass.
  bool run_pass(const std::function<void()>& profiled, Phases& phases) {
    phases.enter("pass start");
    auto start = cupti_params<CUpti_RangeProfiler_Start_Params>(
        CUpti_RangeProfiler_Start_Params_STRUCT_SIZE);
    start.pRangeProfilerObject = m_profiler.get();
    check(cuptiRangeProfilerStart(&start), "cuptiRangeProfilerStart");
    m_started = true;
    phases.enter("pass kernels");
    profiled();
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    m_started = false;
    phases.enter("pass stop");
    auto stop =
        cupti_params<CUpti_RangeProfiler_Stop_Params>(CUpti_RangeProfiler_Stop_Params_STRUCT_SIZE);
    stop.pRangeProfilerObject = m_profiler.get();
    check(cuptiRangeProfilerStop(&stop), "cuptiRangeProfilerStop");
    return stop.isAllPassSubmitted != 0;
  }

  /// The counter data of all passes.
  const std::vector<std::uint8_t>& decode() {
    auto params = cupti_params<CUpti_RangeProfiler_DecodeData_Params>(
        CUpti_RangeProfiler_DecodeData_Params_STRUCT_SIZE);
    params.pRangeProfilerObject = m_profiler.get();
    check(cuptiRangeProfilerDecodeData(&params), "cuptiRangeProfilerDecodeData");
    if (params.numOfRangeDropped != 0) {
      throw DeviceError(
          "cuptiRangeProfilerDecodeData: " + std::to_string(params.numOfRangeDropped) +
          " kernels were not counted: more were launched than announced");
    }
    return m_image;
  }

 private:
  struct Disable {
    void operator()(CUpti_RangeProfiler_Object* profiler) const {
      auto params = cupti_params<CUpti_RangeProfiler_Disable_Params>(
          CUpti_RangeProfiler_Disable_Params_STRUCT_SIZE);
      params.pRangeProfilerObject = profiler;
      cuptiRangeProfilerDisable(&params);
    }
  };

  static CUpti_RangeProfiler_Object* enable(CUcontext context) {
    auto params = cupti_params<CUpti_RangeProfiler_Enable_Params>(
        CUpti_RangeProfiler_Enable_Params_STRUCT_SIZE);
    params.ctx = context;
    check(cuptiRangeProfilerEnable(&params), "cuptiRangeProfilerEnable");
    return params.pRangeProfilerObject;
  }

  void make_image(const std::vector<std::string>& counters, std::size_t max_ranges) {
    std::vector<const char*> names;
    for (const std::string& counter : counters) names.push_back(counter.c_str());
    auto size = cupti_params<CUpti_RangeProfiler_GetCounterDataSize_Params>(
        CUpti_RangeProfiler_GetCounterDataSize_Params_STRUCT_SIZE);
    size.pRangeProfilerObject = m_profiler.get();
    size.pMetricNames = names.data();
    size.numMetrics = names.size();
    size.maxNumOfRanges = max_ranges;
    size.maxNumRangeTreeNodes = static_cast<std::uint32_t>(max_ranges);
    check(cuptiRangeProfilerGetCounterDataSize(&size), "cuptiRangeProfilerGetCounterDataSize");

    m_image.resize(size.counterDataSize);
    auto init = cupti_params<CUpti_RangeProfiler_CounterDataImage_Initialize_Params>(
        CUpti_RangeProfiler_CounterDataImage_Initialize_Params_STRUCT_SIZE);
    init.pRangeProfilerObject = m_profiler.get();
    init.counterDataSize = m_image.size();
    init.pCounterData = m_image.data();
    check(cuptiRangeProfilerCounterDataImageInitialize(&init),
          "cuptiRangeProfilerCounterDataImageInitialize");
  }

  void configure(std::size_t max_ranges) {
    auto params = cupti_params<CUpti_RangeProfiler_SetConfig_Params>(
        CUpti_RangeProfiler_SetConfig_Params_STRUCT_SIZE);
    params.pRangeProfilerObject = m_profiler.get();
    params.configSize = m_config.size();
    params.pConfig = m_config.data();
    params.counterDataImageSize = m_image.size();
    params.pCounterDataImage = m_image.data();
    params.range = CUPTI_AutoRange;
    params.replayMode = CUPTI_UserReplay;
    params.maxRangesPerPass = max_ranges;
    params.numNestingLevels = 1;
    params.minNestingLevel = 1;
    params.passIndex = 0;
    params.targetNestingLevel = 1;
    check(cuptiRangeProfilerSetConfig(&params), "cuptiRangeProfilerSetConfig");
  }

  // The image is declared first, so that it is freed last: CUPTI may write to it until it is
  // disabled.
  std::vector<std::uint8_t> m_image;
  std::unique_ptr<CUpti_RangeProfiler_Object, Disable> m_profiler;
  const std::vector<std::uint8_t>& m_config;
  bool m_started = false;
};

/// Returns the number of a range's launch, by which AutoRange names the range.
long launch_number(std::span<const std::uint8_t> counter_data, std::size_t range_index) {
  auto params = cupti_params<CUpti_Profiler_Host_GetRangeName_Params>(
      CUpti_Profiler_Host_GetRangeName_Params_STRUCT_SIZE);
  params.pCounterDataImage = counter_data.data();
  params.counterDataImageSize = counter_data.size();
  params.rangeIndex = range_index;
  params.delimiter = "/";
  check(cuptiProfilerHostGetRangeName(&params), "cuptiProfilerHostGetRangeName");
  const std::unique_ptr<char, decltype(&std::free)> owned(const_cast<char*>(params.pRangeName),
                                                          &std::free);
  const std::string_view name = owned != nullptr ? owned.get() : "";
  long number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) {
    throw DeviceError("CUPTI named a range \"" + std::string(name) + "\" instead of its number");
  }
  return number;
}

/// Returns the ranges' places in the image, in the order of launches: the image's own order may be
/// that of the names, in which "10" comes before "2".
std::vector<std::size_t> ranges_in_launch_order(std::span<const std::uint8_t> counter_data) {
  auto params = cupti_params<CUpti_RangeProfiler_GetCounterDataInfo_Params>(
      CUpti_RangeProfiler_GetCounterDataInfo_Params_STRUCT_SIZE);
  params.pCounterDataImage = counter_data.data();
  params.counterDataImageSize = counter_data.size();
  check(cuptiRangeProfilerGetCounterDataInfo(&params), "cuptiRangeProfilerGetCounterDataInfo");
  std::map<long, std::size_t> by_number;
  for (std::size_t range = 0; range < params.numTotalRanges; ++range) {
    if (!by_number.emplace(launch_number(counter_data, range), range).second) {
      throw DeviceError("CUPTI gave two kernels of one collection the same number");
    }
  }
  std::vector<std::size_t> ranges;
  for (const auto& [number, range] : by_number) ranges.push_back(range);
  return ranges;
}

}  // namespace

Counters::Counters(std::vector<std::string> counters, Phases& phases)
    : m_counters(std::move(counters)),
      m_chip(profiler_session().chip),
      m_host(m_chip, profiler_session().availability),
      m_config(m_host.config_image(m_counters)),
      m_passes(m_host.passes(m_counters)),
      m_phases(&phases) {
  const RangeProfiler trial(m_counters, m_config, 1);
}

std::vector<std::vector<double>> Counters::collect(std::size_t kernels,
                                                   const std::function<void()>& prepare,
                                                   const std::function<void()>& profiled) {
  if (kernels == 0) throw std::invalid_argument("counters for no kernel at all");
  m_phases->enter("collection");
  RangeProfiler profiler(m_counters, m_config, kernels);
  const int most_passes = 2 * m_passes + 2;  // a schedule that never ends must not hang the runner
  bool complete = false;
  for (int pass = 0; !complete; ++pass) {
    if (pass == most_passes) {
      throw DeviceError("cuptiRangeProfilerStop: not complete after " + std::to_string(pass) +
                        " passes, " + std::to_string(m_passes) + " were planned");
    }
    m_phases->enter("pass lead-in");
    prepare();
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    complete = profiler.run_pass(profiled, *m_phases);
  }

  m_phases->enter("decode");
  const std::vector<std::uint8_t>& counter_data = profiler.decode();
  m_phases->enter("evaluate");
  std::vector<std::vector<double>> values;
  for (const std::size_t range : ranges_in_launch_order(counter_data)) {
    values.push_back(m_host.evaluate(counter_data, range, m_counters));
  }
  if (values.size() != kernels) {
    throw DeviceError("the profiler saw " + std::to_string(values.size()) + " kernels, " +
                      std::to_string(kernels) + " were launched");
  }
  m_phases->enter("collection");  // disabling the profiler is a part of it
  return values;
}

}  // namespace perfgate
