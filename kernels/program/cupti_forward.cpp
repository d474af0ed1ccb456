// SPDX-License-Identifier: Apache-2.0
// CUPTI's functions, as far as the injection library calls them: each passes its call on to the
// opened copy (cupti_library.h). So the code in kernels/cupti/ works here as it stands. They are
// not exported, and no other library of the process sees them.
#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>

#include "kernels/program/cupti_library.h"

#define FORWARD(name, parameters, arguments)                                                  \
  extern "C" CUptiResult CUPTIAPI name parameters {                                           \
    using Function = CUptiResult(CUPTIAPI*) parameters;                                       \
    static const auto function = reinterpret_cast<Function>(perfgate::cupti_function(#name)); \
    return function != nullptr ? function arguments : CUPTI_ERROR_NOT_INITIALIZED;            \
  }
#define FORWARD_PARAMS(name, Params) FORWARD(name, (Params * params), (params))

FORWARD(cuptiGetResultString, (CUptiResult result, const char** text), (result, text))
FORWARD(cuptiSubscribe_v2,
        (CUpti_SubscriberHandle * subscriber, CUpti_CallbackFunc callback, void* data,
         CUpti_SubscriberParams* params),
        (subscriber, callback, data, params))
FORWARD(cuptiEnableCallback,
        (uint32_t enable, CUpti_SubscriberHandle subscriber, CUpti_CallbackDomain domain,
         CUpti_CallbackId id),
        (enable, subscriber, domain, id))
FORWARD(cuptiActivityRegisterCallbacks,
        (CUpti_BuffersCallbackRequestFunc request, CUpti_BuffersCallbackCompleteFunc complete),
        (request, complete))
FORWARD(cuptiActivitySetAttribute, (CUpti_ActivityAttribute attribute, size_t* size, void* value),
        (attribute, size, value))
FORWARD(cuptiActivityEnable, (CUpti_ActivityKind kind), (kind))
FORWARD(cuptiActivityFlushAll, (uint32_t flag), (flag))
FORWARD(cuptiActivityGetNextRecord, (uint8_t * buffer, size_t size, CUpti_Activity** record),
        (buffer, size, record))
FORWARD(cuptiActivityGetNumDroppedRecords, (CUcontext context, uint32_t stream, size_t* dropped),
        (context, stream, dropped))
FORWARD(cuptiGetGraphNodeId, (CUgraphNode node, uint64_t* id), (node, id))
FORWARD_PARAMS(cuptiProfilerInitialize, CUpti_Profiler_Initialize_Params)
FORWARD_PARAMS(cuptiProfilerDeviceSupported, CUpti_Profiler_DeviceSupported_Params)
FORWARD_PARAMS(cuptiProfilerGetCounterAvailability, CUpti_Profiler_GetCounterAvailability_Params)
FORWARD_PARAMS(cuptiDeviceGetChipName, CUpti_Device_GetChipName_Params)
FORWARD_PARAMS(cuptiProfilerHostGetSupportedChips, CUpti_Profiler_Host_GetSupportedChips_Params)
FORWARD_PARAMS(cuptiProfilerHostInitialize, CUpti_Profiler_Host_Initialize_Params)
FORWARD_PARAMS(cuptiProfilerHostDeinitialize, CUpti_Profiler_Host_Deinitialize_Params)
FORWARD_PARAMS(cuptiProfilerHostGetMetricProperties, CUpti_Profiler_Host_GetMetricProperties_Params)
FORWARD_PARAMS(cuptiProfilerHostConfigAddMetrics, CUpti_Profiler_Host_ConfigAddMetrics_Params)
FORWARD_PARAMS(cuptiProfilerHostGetConfigImageSize, CUpti_Profiler_Host_GetConfigImageSize_Params)
FORWARD_PARAMS(cuptiProfilerHostGetConfigImage, CUpti_Profiler_Host_GetConfigImage_Params)
FORWARD_PARAMS(cuptiProfilerHostGetNumOfPasses, CUpti_Profiler_Host_GetNumOfPasses_Params)
FORWARD_PARAMS(cuptiProfilerHostGetRangeName, CUpti_Profiler_Host_GetRangeName_Params)
FORWARD_PARAMS(cuptiProfilerHostEvaluateToGpuValues, CUpti_Profiler_Host_EvaluateToGpuValues_Params)
FORWARD_PARAMS(cuptiRangeProfilerEnable, CUpti_RangeProfiler_Enable_Params)
FORWARD_PARAMS(cuptiRangeProfilerDisable, CUpti_RangeProfiler_Disable_Params)
FORWARD_PARAMS(cuptiRangeProfilerSetConfig, CUpti_RangeProfiler_SetConfig_Params)
FORWARD_PARAMS(cuptiRangeProfilerStart, CUpti_RangeProfiler_Start_Params)
FORWARD_PARAMS(cuptiRangeProfilerStop, CUpti_RangeProfiler_Stop_Params)
FORWARD_PARAMS(cuptiRangeProfilerPushRange, CUpti_RangeProfiler_PushRange_Params)
FORWARD_PARAMS(cuptiRangeProfilerPopRange, CUpti_RangeProfiler_PopRange_Params)
FORWARD_PARAMS(cuptiRangeProfilerDecodeData, CUpti_RangeProfiler_DecodeData_Params)
FORWARD_PARAMS(cuptiRangeProfilerGetCounterDataSize, CUpti_RangeProfiler_GetCounterDataSize_Params)
FORWARD_PARAMS(cuptiRangeProfilerCounterDataImageInitialize,
               CUpti_RangeProfiler_CounterDataImage_Initialize_Params)
FORWARD_PARAMS(cuptiRangeProfilerGetCounterDataInfo, CUpti_RangeProfiler_GetCounterDataInfo_Params)
