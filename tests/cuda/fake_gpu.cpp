// SPDX-License-Identifier: Apache-2.0
#include "tests/cuda/fake_gpu.h"

#include <cuda.h>
#include <cudaProfiler.h>
#include <cupti.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>
#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

bool misbehaves(const char* how) {
  const char* list = std::getenv("FAKE_GPU");
  const std::string all = list != nullptr ? "," + std::string(list) + "," : "";
  return all.find("," + std::string(how) + ",") != std::string::npos;
}

struct Kernel {
  std::string name;
  std::int64_t ns = 0;
};

struct Node {
  const Kernel* kernel;
  std::uint64_t id;
};

struct Graph {
  std::deque<Node> nodes;  // their addresses are handles
};

struct Stream {
  std::int64_t free_at_ns = 0;
  Graph* captures = nullptr;
};

struct Record {
  bool graph = false;
  const Kernel* kernel = nullptr;
  std::int64_t start_ns = 0, end_ns = 0;
  std::uint32_t correlation = 0, stream = 0;
  std::uint64_t node = 0;
};

/// What the range profiler counted of one range.
struct Counted {
  double ns = 0;
  bool first = false;  ///< after a start
};

struct Gpu {
  std::mutex mutex;
  int pid = 0;  ///< that initialised it; a forked child has no CUDA
  std::int64_t now_ns = 1000;
  std::uint64_t last_node = 0;
  std::uint32_t last_correlation = 0;
  std::map<std::string, Kernel> kernels;
  std::map<CUstream, Stream> streams;
  std::deque<Graph> graphs;
  bool released = false;

  CUpti_CallbackFunc callback = nullptr;
  void* callback_data = nullptr;
  std::set<std::pair<CUpti_CallbackDomain, CUpti_CallbackId>> enabled;
  std::set<CUpti_ActivityKind> kinds;
  CUpti_BuffersCallbackRequestFunc request = nullptr;
  CUpti_BuffersCallbackCompleteFunc complete = nullptr;
  std::vector<Record> records;

  bool counting = false, automatic = false, in_range = false;
  std::vector<Counted> counted;
  std::uint8_t* counter_data = nullptr;
  int launches_counting = 0;  ///< since a start
  int passes_done = 0;
};

Gpu& gpu() {
  static auto* const only = new Gpu;
  return *only;
}

constexpr int passes = 2;

void call_back(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (gpu().callback != nullptr && gpu().enabled.contains({domain, id}))
    gpu().callback(gpu().callback_data, domain, id, data);
}

/// The callbacks around one driver call; `run` is the call.
template <class Run>
CUresult driver_call(CUpti_CallbackId id, const char* symbol, std::uint32_t correlation, Run run) {
  CUpti_CallbackData data{};
  CUresult result = CUDA_SUCCESS;
  data.functionReturnValue = &result;
  data.symbolName = symbol;
  data.context = reinterpret_cast<CUcontext>(&gpu());
  data.correlationId = correlation;
  data.callbackSite = CUPTI_API_ENTER;
  call_back(CUPTI_CB_DOMAIN_DRIVER_API, id, &data);
  result = run();
  data.callbackSite = CUPTI_API_EXIT;
  call_back(CUPTI_CB_DOMAIN_DRIVER_API, id, &data);
  return result;
}

std::uint32_t next_correlation() {
  const std::lock_guard lock(gpu().mutex);
  return ++gpu().last_correlation;
}

std::uint32_t stream_id(CUstream stream) {
  return 7 + static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(stream));
}

/// Runs a kernel on its stream and keeps its record. The lock is held.
void run_kernel(const Kernel& kernel, CUstream stream, std::uint32_t correlation,
                std::uint64_t node) {
  Stream& on = gpu().streams[stream];
  const std::int64_t start = std::max(gpu().now_ns, on.free_at_ns);
  on.free_at_ns = start + kernel.ns;
  gpu().now_ns += 1000;  // the CPU's time of a launch
  if (gpu().kinds.contains(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) &&
      !(node != 0 && gpu().kinds.contains(CUPTI_ACTIVITY_KIND_GRAPH_TRACE)))
    gpu().records.push_back(
        {false, &kernel, start, on.free_at_ns, correlation, stream_id(stream), node});
  if (!gpu().counting) return;
  const bool first = gpu().launches_counting++ == 0;
  if (!gpu().automatic && !gpu().in_range) return;
  if (gpu().automatic || gpu().counted.empty()) gpu().counted.emplace_back();
  gpu().counted.back().ns += static_cast<double>(kernel.ns);
  gpu().counted.back().first = gpu().counted.back().first || first;
}

/// AutoRange waits for the device after each launch.
bool waits_for_later(const Kernel& kernel) {
  const std::lock_guard lock(gpu().mutex);
  return gpu().counting && gpu().automatic && kernel.name.starts_with("spin") && !gpu().released;
}

CUresult launch(const Kernel& kernel, CUstream stream) {
  const std::uint32_t correlation = next_correlation();
  return driver_call(CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, kernel.name.c_str(), correlation, [&] {
    if (kernel.name.starts_with("spin")) {
      const std::lock_guard lock(gpu().mutex);
      gpu().released = false;
    }
    while (waits_for_later(kernel)) usleep(10000);
    std::unique_lock lock(gpu().mutex);
    gpu().released = gpu().released || kernel.name.starts_with("release");
    Graph* const graph = gpu().streams[stream].captures;
    if (graph == nullptr) {
      run_kernel(kernel, stream, correlation, 0);
      return CUDA_SUCCESS;
    }
    graph->nodes.push_back({&kernel, ++gpu().last_node});
    Node& node = graph->nodes.back();
    lock.unlock();
    CUpti_GraphData created{};
    created.node = reinterpret_cast<CUgraphNode>(&node);
    CUpti_ResourceData resource{};
    resource.resourceDescriptor = &created;
    call_back(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED, &resource);
    return CUDA_SUCCESS;
  });
}

}  // namespace

// What the driver has, as far as the program and the library call it.
extern "C" {

CUresult cuInit(unsigned) {
  if (gpu().pid == getpid()) return CUDA_SUCCESS;
  if (gpu().pid != 0) return CUDA_ERROR_NOT_INITIALIZED;  // a forked child
  gpu().pid = getpid();
  const char* const path = std::getenv("CUDA_INJECTION64_PATH");
  if (path == nullptr) return CUDA_SUCCESS;
  void* const library = dlopen(path, RTLD_NOW);
  if (library == nullptr) return CUDA_SUCCESS;
  using Initialize = int (*)();
  if (auto* const initialize = reinterpret_cast<Initialize>(dlsym(library, "InitializeInjection")))
    initialize();
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  *context = reinterpret_cast<CUcontext>(&gpu());
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext) {
  return CUDA_SUCCESS;
}
CUresult cuCtxGetDevice(CUdevice* device) {
  *device = 0;
  return CUDA_SUCCESS;
}
CUresult cuCtxSynchronize() {
  const std::lock_guard lock(gpu().mutex);
  for (const auto& [handle, stream] : gpu().streams)
    gpu().now_ns = std::max(gpu().now_ns, stream.free_at_ns);
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
  const std::lock_guard lock(gpu().mutex);
  Kernel& kernel = gpu().kernels[name];
  kernel.name = name;
  kernel.ns = 1000 * std::atoll(std::strrchr(name, '_') + 1);
  *function = reinterpret_cast<CUfunction>(&kernel);
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned, unsigned, unsigned, unsigned, unsigned,
                        unsigned, unsigned, CUstream stream, void**, void**) {
  if (gpu().pid != getpid()) return CUDA_ERROR_NOT_INITIALIZED;
  return launch(*reinterpret_cast<const Kernel*>(function), stream);
}

CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode) {
  return driver_call(CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_v2, nullptr, next_correlation(),
                     [&] {
                       const std::lock_guard lock(gpu().mutex);
                       gpu().graphs.emplace_back();
                       gpu().streams[stream].captures = &gpu().graphs.back();
                       return CUDA_SUCCESS;
                     });
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  return driver_call(CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture, nullptr, next_correlation(), [&] {
    const std::lock_guard lock(gpu().mutex);
    *graph = reinterpret_cast<CUgraph>(std::exchange(gpu().streams[stream].captures, nullptr));
    return CUDA_SUCCESS;
  });
}

CUresult cuGraphInstantiate(CUgraphExec* executable, CUgraph graph, unsigned long long) {
  Graph* copy = nullptr;
  {
    const std::lock_guard lock(gpu().mutex);
    copy = &gpu().graphs.emplace_back(*reinterpret_cast<Graph*>(graph));
    for (Node& node : copy->nodes) node.id = ++gpu().last_node;
  }
  auto& original = reinterpret_cast<Graph*>(graph)->nodes;
  for (std::size_t i = 0; i < copy->nodes.size(); ++i) {
    CUpti_GraphData cloned{};
    cloned.node = reinterpret_cast<CUgraphNode>(&copy->nodes[i]);
    cloned.originalNode = reinterpret_cast<CUgraphNode>(&original[i]);
    CUpti_ResourceData resource{};
    resource.resourceDescriptor = &cloned;
    call_back(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED, &resource);
  }
  *executable = reinterpret_cast<CUgraphExec>(copy);
  return CUDA_SUCCESS;
}

CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
  const std::uint32_t correlation = next_correlation();
  return driver_call(CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch, nullptr, correlation, [&] {
    const std::lock_guard lock(gpu().mutex);
    const Graph& graph = *reinterpret_cast<Graph*>(executable);
    const std::int64_t start = std::max(gpu().now_ns, gpu().streams[stream].free_at_ns);
    for (const Node& node : graph.nodes) run_kernel(*node.kernel, stream, correlation, node.id);
    if (gpu().kinds.contains(CUPTI_ACTIVITY_KIND_GRAPH_TRACE))
      gpu().records.push_back({true, nullptr, start, gpu().streams[stream].free_at_ns, correlation,
                               stream_id(stream), 0});
    return CUDA_SUCCESS;
  });
}

CUresult cuProfilerStart() {
  return driver_call(CUPTI_DRIVER_TRACE_CBID_cuProfilerStart, nullptr, next_correlation(),
                     [] { return CUDA_SUCCESS; });
}
CUresult cuProfilerStop() {
  return driver_call(CUPTI_DRIVER_TRACE_CBID_cuProfilerStop, nullptr, next_correlation(),
                     [] { return CUDA_SUCCESS; });
}

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
  std::vector<Record> records;
  {
    const std::lock_guard lock(gpu().mutex);
    records.swap(gpu().records);
  }
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
  params->isSupported = CUPTI_PROFILER_CONFIGURATION_SUPPORTED;
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
  params->numOfPasses = passes;
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
  if (misbehaves("no-rights")) return CUPTI_ERROR_INSUFFICIENT_PRIVILEGES;
  if (misbehaves("monitored")) return CUPTI_ERROR_HARDWARE_BUSY;
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
  params->isAllPassSubmitted = ++gpu().passes_done >= passes;
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
