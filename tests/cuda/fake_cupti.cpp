// SPDX-License-Identifier: Apache-2.0
#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

#include "tests/cuda/fake_gpu.h"
#include "tests/cuda/fake_gpu_state.h"

using namespace fake;

namespace fake {

constexpr std::array<std::pair<const char*, CUptiResult>, 6> refusals{{
    {"no-rights", CUPTI_ERROR_INSUFFICIENT_PRIVILEGES},
    {"monitored", CUPTI_ERROR_HARDWARE_BUSY},
    {"mig", CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED},
    {"vgpu", CUPTI_ERROR_VIRTUALIZED_DEVICE_NOT_SUPPORTED},
    {"vgpu-rights", CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES},
    {"no-counters", CUPTI_ERROR_UNKNOWN},
}};

std::size_t passes() {
  return misbehaves("many-passes") ? 20 : 2;
}

bool misbehaves(const char* how) {
  const char* list = std::getenv("FAKE_GPU");
  const std::string all = list != nullptr ? "," + std::string(list) + "," : "";
  return all.find("," + std::string(how) + ",") != std::string::npos;
}

Gpu& gpu() {
  static auto* const only = new Gpu;
  return *only;
}

void call_back(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (gpu().callback != nullptr && gpu().enabled.contains({domain, id}))
    gpu().callback(gpu().callback_data, domain, id, data);
}

/// Hands over the records of what has ended. The lock is held.
void hand_over_complete() {
  std::vector<Record> records;
  const auto running =
      std::stable_partition(gpu().records.begin(), gpu().records.end(),
                            [](const Record& record) { return record.end_ns <= gpu().now_ns; });
  records.assign(gpu().records.begin(), running);
  gpu().records.erase(gpu().records.begin(), running);
  if (misbehaves("loses")) {
    const auto lost = std::find_if(
        records.begin() + static_cast<std::ptrdiff_t>(records.size() / 2), records.end(),
        [](const Record& record) { return !record.graph && record.kernel->name == "gemm_45"; });
    if (lost != records.end()) records.erase(lost);
  }
  if (misbehaves("zero-times"))
    for (Record& record : records) record.start_ns = record.end_ns = 0;
  std::uint8_t* buffer = nullptr;
  std::size_t size = 0, most = 0, used = 0;
  const auto hand_over = [&] {
    if (buffer != nullptr) gpu().complete(nullptr, 0, buffer, size, used);
    buffer = nullptr;
    used = 0;
  };
  for (const Record& record : records) {
    const std::size_t bytes =
        record.graph ? sizeof(CUpti_ActivityGraphTrace2) : sizeof(CUpti_ActivityKernel10);
    if (buffer != nullptr && used + bytes > size) hand_over();
    if (buffer == nullptr) gpu().request(&buffer, &size, &most);
    if (record.graph) {
      auto* const to = new (buffer + used) CUpti_ActivityGraphTrace2{};
      to->kind = CUPTI_ACTIVITY_KIND_GRAPH_TRACE;
      to->start = static_cast<std::uint64_t>(record.start_ns);
      to->end = static_cast<std::uint64_t>(record.end_ns);
      to->correlationId = record.correlation;
      to->streamId = record.stream;
    } else {
      auto* const to = new (buffer + used) CUpti_ActivityKernel10{};
      to->kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
      to->name = record.kernel->name.c_str();
      to->start = static_cast<std::uint64_t>(record.start_ns);
      to->end = static_cast<std::uint64_t>(record.end_ns);
      to->correlationId = record.correlation;
      to->streamId = record.stream;
      to->graphNodeId = record.node;
      to->gridX = to->gridY = to->gridZ = 1;
      to->blockX = 128;
      to->blockY = to->blockZ = 1;
      to->registersPerThread = 32;
    }
    used += bytes;
  }
  hand_over();
}

}  // namespace fake

extern "C" {

// CUPTI: callbacks and activity records.

CUptiResult cuptiGetVersion(std::uint32_t* version) {
  *version = misbehaves("old") ? 130000 : CUPTI_API_VERSION;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetResultString(CUptiResult, const char** text) {
  *text = "CUPTI_ERROR_OF_THE_FAKE";
  return CUPTI_SUCCESS;
}

CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc callback,
                              void* data, CUpti_SubscriberParams* params) {
  if (misbehaves("busy")) {
    std::strncpy(params->oldSubscriberName, "CUPTI for nsys", params->oldSubscriberSize - 1);
    return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
  }
  *subscriber = reinterpret_cast<CUpti_SubscriberHandle>(&gpu());
  gpu().callback = callback;
  gpu().callback_data = data;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiEnableCallback(std::uint32_t enable, CUpti_SubscriberHandle,
                                CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  if (enable != 0) gpu().enabled.insert({domain, id});
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete) {
  gpu().request = request;
  gpu().complete = complete;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivitySetAttribute(CUpti_ActivityAttribute, std::size_t*, void*) {
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) {
  const std::lock_guard lock(gpu().mutex);
  gpu().kinds.insert(kind);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityFlushAll(std::uint32_t) {
  const std::lock_guard lock(gpu().mutex);
  if (gpu().torn_down) return CUPTI_ERROR_NOT_INITIALIZED;
  hand_over_complete();
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNextRecord(std::uint8_t* buffer, std::size_t size,
                                       CUpti_Activity** record) {
  std::uint8_t* next = buffer;
  if (*record != nullptr)
    next = reinterpret_cast<std::uint8_t*>(*record) +
           ((*record)->kind == CUPTI_ACTIVITY_KIND_GRAPH_TRACE ? sizeof(CUpti_ActivityGraphTrace2)
                                                               : sizeof(CUpti_ActivityKernel10));
  if (next >= buffer + size) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  *record = reinterpret_cast<CUpti_Activity*>(next);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, std::uint32_t, std::size_t* dropped) {
  *dropped = misbehaves("dropped") ? 12 : 0;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetGraphNodeId(CUgraphNode node, std::uint64_t* id) {
  *id = reinterpret_cast<Node*>(node)->id;
  return CUPTI_SUCCESS;
}

// CUPTI: counters. The image of counter data holds the number of ranges, then each range's Counted.

CUptiResult cuptiProfilerInitialize(CUpti_Profiler_Initialize_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerDeviceSupported(CUpti_Profiler_DeviceSupported_Params* params) {
  const auto level = misbehaves("vgpu-off") ? CUPTI_PROFILER_CONFIGURATION_DISABLED
                                            : CUPTI_PROFILER_CONFIGURATION_SUPPORTED;
  params->isSupported = params->vGpu = level;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerGetCounterAvailability(
    CUpti_Profiler_GetCounterAvailability_Params* params) {
  params->counterAvailabilityImageSize = 8;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiDeviceGetChipName(CUpti_Device_GetChipName_Params* params) {
  params->pChipName = "GH100";
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetSupportedChips(
    CUpti_Profiler_Host_GetSupportedChips_Params* params) {
  static const char* const chip = "GH100";
  params->ppChipNames = &chip;
  params->numChips = 1;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostInitialize(CUpti_Profiler_Host_Initialize_Params* params) {
  params->pHostObject = reinterpret_cast<CUpti_Profiler_Host_Object*>(&gpu());
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostDeinitialize(CUpti_Profiler_Host_Deinitialize_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetMetricProperties(CUpti_Profiler_Host_GetMetricProperties_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostConfigAddMetrics(CUpti_Profiler_Host_ConfigAddMetrics_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetConfigImageSize(
    CUpti_Profiler_Host_GetConfigImageSize_Params* params) {
  params->configImageSize = 8;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetConfigImage(CUpti_Profiler_Host_GetConfigImage_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetNumOfPasses(CUpti_Profiler_Host_GetNumOfPasses_Params* params) {
  params->numOfPasses = passes();
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostGetRangeName(CUpti_Profiler_Host_GetRangeName_Params* params) {
  params->pRangeName = strdup(std::to_string(params->rangeIndex).c_str());
  return CUPTI_SUCCESS;
}
CUptiResult cuptiProfilerHostEvaluateToGpuValues(
    CUpti_Profiler_Host_EvaluateToGpuValues_Params* params) {
  Counted counted;
  std::memcpy(
      &counted,
      params->pCounterDataImage + sizeof(std::size_t) + params->rangeIndex * sizeof(Counted),
      sizeof(Counted));
  for (std::size_t i = 0; i < params->numMetrics; ++i) {
    const std::string name = params->ppMetricNames[i];
    const double written = counted.ns / 1000 * bytes_per_us + (counted.first ? dirty_l2_bytes : 0);
    params->pMetricValues[i] = name.starts_with("gpu__time_duration")  ? counted.ns
                               : name.starts_with("dram__bytes_write") ? written
                                                                       : 1;
  }
  return CUPTI_SUCCESS;
}

CUptiResult cuptiRangeProfilerEnable(CUpti_RangeProfiler_Enable_Params* params) {
  for (const auto& [how, result] : refusals)
    if (misbehaves(how)) return result;
  params->pRangeProfilerObject = reinterpret_cast<CUpti_RangeProfiler_Object*>(&gpu());
  gpu().passes_done = 0;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerDisable(CUpti_RangeProfiler_Disable_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerSetConfig(CUpti_RangeProfiler_SetConfig_Params* params) {
  gpu().automatic = params->range == CUPTI_AutoRange;
  gpu().counter_data = params->pCounterDataImage;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerStart(CUpti_RangeProfiler_Start_Params*) {
  const std::lock_guard lock(gpu().mutex);
  gpu().counting = true;
  gpu().in_range = false;
  gpu().counted.clear();
  gpu().launches_counting = 0;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerStop(CUpti_RangeProfiler_Stop_Params* params) {
  const std::lock_guard lock(gpu().mutex);
  gpu().counting = false;
  params->isAllPassSubmitted = ++gpu().passes_done >= passes();
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerPushRange(CUpti_RangeProfiler_PushRange_Params*) {
  gpu().in_range = true;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerPopRange(CUpti_RangeProfiler_PopRange_Params*) {
  gpu().in_range = false;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerDecodeData(CUpti_RangeProfiler_DecodeData_Params* params) {
  const std::lock_guard lock(gpu().mutex);
  const std::size_t count = gpu().counted.size();
  std::memcpy(gpu().counter_data, &count, sizeof(count));
  std::memcpy(gpu().counter_data + sizeof(count), gpu().counted.data(), count * sizeof(Counted));
  params->numOfRangeDropped = 0;
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerGetCounterDataSize(
    CUpti_RangeProfiler_GetCounterDataSize_Params* params) {
  params->counterDataSize = sizeof(std::size_t) + params->maxNumOfRanges * sizeof(Counted);
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerCounterDataImageInitialize(
    CUpti_RangeProfiler_CounterDataImage_Initialize_Params*) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiRangeProfilerGetCounterDataInfo(
    CUpti_RangeProfiler_GetCounterDataInfo_Params* params) {
  std::memcpy(&params->numTotalRanges, params->pCounterDataImage, sizeof(std::size_t));
  return CUPTI_SUCCESS;
}

}  // extern "C"
