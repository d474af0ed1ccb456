// SPDX-License-Identifier: Apache-2.0
#include "kernels/cupti/range_profiler.h"

#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>

#include <charconv>
#include <cstdlib>
#include <map>
#include <string_view>
#include <system_error>

#include "kernels/cupti/cupti_check.h"

namespace perfgate {
namespace {

CUpti_RangeProfiler_Object* enable(CUcontext context) {
  auto params = cupti_params<CUpti_RangeProfiler_Enable_Params>(
      CUpti_RangeProfiler_Enable_Params_STRUCT_SIZE);
  params.ctx = context;
  check(cuptiRangeProfilerEnable(&params), "cuptiRangeProfilerEnable");
  return params.pRangeProfilerObject;
}

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

}  // namespace

RangeProfiler::RangeProfiler(CUcontext context, CountWhat what,
                             const std::vector<std::string>& counters,
                             const std::vector<std::uint8_t>& config, std::size_t most)
    : m_profiler(enable(context)), m_config(config) {
  make_image(counters, most);
  configure(what, most);
}

RangeProfiler::~RangeProfiler() {
  if (!m_started) return;
  // When an exception leaves a pass, this ends the pass, so that disabling finds the profiler at
  // rest.
  auto params =
      cupti_params<CUpti_RangeProfiler_Stop_Params>(CUpti_RangeProfiler_Stop_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = m_profiler.get();
  cuptiRangeProfilerStop(&params);
}

void RangeProfiler::Disable::operator()(CUpti_RangeProfiler_Object* profiler) const {
  auto params = cupti_params<CUpti_RangeProfiler_Disable_Params>(
      CUpti_RangeProfiler_Disable_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = profiler;
  cuptiRangeProfilerDisable(&params);
}

void RangeProfiler::start() {
  auto params =
      cupti_params<CUpti_RangeProfiler_Start_Params>(CUpti_RangeProfiler_Start_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = m_profiler.get();
  check(cuptiRangeProfilerStart(&params), "cuptiRangeProfilerStart");
  m_started = true;
}

void RangeProfiler::push(const char* name) {
  auto params = cupti_params<CUpti_RangeProfiler_PushRange_Params>(
      CUpti_RangeProfiler_PushRange_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = m_profiler.get();
  params.pRangeName = name;
  check(cuptiRangeProfilerPushRange(&params), "cuptiRangeProfilerPushRange");
}

void RangeProfiler::pop() {
  auto params = cupti_params<CUpti_RangeProfiler_PopRange_Params>(
      CUpti_RangeProfiler_PopRange_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = m_profiler.get();
  check(cuptiRangeProfilerPopRange(&params), "cuptiRangeProfilerPopRange");
}

bool RangeProfiler::stop() {
  m_started = false;
  auto params =
      cupti_params<CUpti_RangeProfiler_Stop_Params>(CUpti_RangeProfiler_Stop_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = m_profiler.get();
  check(cuptiRangeProfilerStop(&params), "cuptiRangeProfilerStop");
  return params.isAllPassSubmitted != 0;
}

const std::vector<std::uint8_t>& RangeProfiler::decode() {
  auto params = cupti_params<CUpti_RangeProfiler_DecodeData_Params>(
      CUpti_RangeProfiler_DecodeData_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = m_profiler.get();
  check(cuptiRangeProfilerDecodeData(&params), "cuptiRangeProfilerDecodeData");
  if (params.numOfRangeDropped != 0) {
    throw DeviceError("cuptiRangeProfilerDecodeData: " + std::to_string(params.numOfRangeDropped) +
                      " kernels were not counted: more were launched than announced");
  }
  return m_image;
}

void RangeProfiler::make_image(const std::vector<std::string>& counters, std::size_t most) {
  std::vector<const char*> names;
  for (const std::string& counter : counters) names.push_back(counter.c_str());
  auto size = cupti_params<CUpti_RangeProfiler_GetCounterDataSize_Params>(
      CUpti_RangeProfiler_GetCounterDataSize_Params_STRUCT_SIZE);
  size.pRangeProfilerObject = m_profiler.get();
  size.pMetricNames = names.data();
  size.numMetrics = names.size();
  size.maxNumOfRanges = most;
  size.maxNumRangeTreeNodes = static_cast<std::uint32_t>(most);
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

void RangeProfiler::configure(CountWhat what, std::size_t most) {
  auto params = cupti_params<CUpti_RangeProfiler_SetConfig_Params>(
      CUpti_RangeProfiler_SetConfig_Params_STRUCT_SIZE);
  params.pRangeProfilerObject = m_profiler.get();
  params.configSize = m_config.size();
  params.pConfig = m_config.data();
  params.counterDataImageSize = m_image.size();
  params.pCounterDataImage = m_image.data();
  params.range = what == CountWhat::kernels ? CUPTI_AutoRange : CUPTI_UserRange;
  params.replayMode = CUPTI_UserReplay;
  params.maxRangesPerPass = most;
  params.numNestingLevels = 1;
  params.minNestingLevel = 1;
  params.passIndex = 0;
  params.targetNestingLevel = 1;
  check(cuptiRangeProfilerSetConfig(&params), "cuptiRangeProfilerSetConfig");
}

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

}  // namespace perfgate
