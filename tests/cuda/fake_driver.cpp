// SPDX-License-Identifier: Apache-2.0
// What the driver has, as far as the program and the library call it.
#include <cuda.h>
#include <cudaProfiler.h>
#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/cuda/fake_gpu_state.h"

using namespace fake;

namespace {

thread_local std::uintptr_t context_number = 1;  ///< of the calling thread's context

CUcontext current() {
  return reinterpret_cast<CUcontext>(context_number);
}

/// The callbacks around one driver call; `run` is the call.
template <class Run>
CUresult driver_call(CUpti_CallbackId id, const char* symbol, std::uint32_t correlation, Run run) {
  CUpti_CallbackData data{};
  CUresult result = CUDA_SUCCESS;
  data.functionReturnValue = &result;
  data.symbolName = symbol;
  data.context = current();
  data.correlationId = correlation;
  data.callbackSite = CUPTI_API_ENTER;
  call_back(CUPTI_CB_DOMAIN_DRIVER_API, id, &data);
  result = run();
  data.callbackSite = CUPTI_API_EXIT;
  call_back(CUPTI_CB_DOMAIN_DRIVER_API, id, &data);
  return result;
}

/// The lock is held.
Stream& stream_of(CUstream stream) {
  return gpu().streams[{current(), stream}];
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
  Stream& on = stream_of(stream);
  const std::int64_t start = std::max(gpu().now_ns, on.free_at_ns);
  on.free_at_ns = start + kernel.ns;
  gpu().now_ns += 1000;  // the CPU's time of a launch
  if (gpu().kinds.contains(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) &&
      !(node != 0 && gpu().kinds.contains(CUPTI_ACTIVITY_KIND_GRAPH_TRACE)))
    gpu().records.push_back(
        {false, &kernel, start, on.free_at_ns, correlation, stream_id(stream), node});
  if (gpu().records.size() > most_records) hand_over_complete();
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
  // CUPTI's name lives as long as its callback. It is kept, so that what reads it later finds this.
  char* const symbol = strdup(kernel.name.c_str());
  const CUresult result =
      driver_call(CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, symbol, correlation, [&] {
        if (kernel.name.starts_with("spin")) {
          const std::lock_guard lock(gpu().mutex);
          gpu().released = false;
        }
        while (waits_for_later(kernel)) usleep(10000);
        std::unique_lock lock(gpu().mutex);
        gpu().released = gpu().released || kernel.name.starts_with("release");
        Graph* const graph = stream_of(stream).captures;
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
  std::memset(symbol, '?', std::strlen(symbol));
  return result;
}

CUresult begin_capture(CUpti_CallbackId id, CUstream stream, Graph* into) {
  return driver_call(id, nullptr, next_correlation(), [&] {
    const std::lock_guard lock(gpu().mutex);
    if (into == nullptr) into = &gpu().graphs.emplace_back();
    into->broken = false;
    stream_of(stream).captures = into;
    return CUDA_SUCCESS;
  });
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned) {
  if (gpu().pid == getpid()) return CUDA_SUCCESS;
  if (gpu().pid != 0) return CUDA_ERROR_NOT_INITIALIZED;  // a forked child
  gpu().pid = getpid();
  std::atexit([] { gpu().torn_down = true; });
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
  *context = current();
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext context) {
  const std::lock_guard lock(gpu().mutex);
  if (gpu().ended_contexts.contains(context)) std::abort();  // nothing says what the driver does
  context_number = reinterpret_cast<std::uintptr_t>(context);
  return CUDA_SUCCESS;
}
CUresult cuCtxCreate(CUcontext* context, CUctxCreateParams*, unsigned, CUdevice) {
  static std::uintptr_t last = 1;
  context_number = ++last;
  *context = current();
  return CUDA_SUCCESS;
}
CUresult cuCtxDestroy(CUcontext context) {
  CUpti_ResourceData resource{};
  resource.context = context;
  call_back(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING, &resource);
  const std::lock_guard lock(gpu().mutex);
  gpu().ended_contexts.insert(context);
  return CUDA_SUCCESS;
}
CUresult cuCtxGetDevice(CUdevice* device) {
  *device = 0;
  return CUDA_SUCCESS;
}
CUresult cuCtxSynchronize() {
  const std::lock_guard lock(gpu().mutex);
  if (gpu().torn_down) return CUDA_ERROR_DEINITIALIZED;
  for (auto& [handle, stream] : gpu().streams)
    if (stream.captures != nullptr) {
      stream.captures->broken = true;
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    }
  for (const auto& [handle, stream] : gpu().streams)
    if (handle.first == current()) gpu().now_ns = std::max(gpu().now_ns, stream.free_at_ns);
  return CUDA_SUCCESS;
}

/// The image ends with its section table, as MadeCubin's does.
CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof(header));
  const std::size_t size = header.e_shoff + header.e_shnum * sizeof(Elf64_Shdr);
  std::vector<char> shown(size);  // CUPTI's copy is valid in the callback only
  std::memcpy(shown.data(), image, size);
  CUpti_ModuleResourceData loaded{};
  loaded.cubinSize = size;
  loaded.pCubin = shown.data();
  CUpti_ResourceData resource{};
  resource.context = current();
  resource.resourceDescriptor = &loaded;
  call_back(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_MODULE_LOADED, &resource);
  std::fill(shown.begin(), shown.end(), '?');
  *module = reinterpret_cast<CUmodule>(&gpu());
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
  const std::lock_guard lock(gpu().mutex);
  const auto [kernel, is_new] = gpu().kernels.try_emplace(name);
  if (is_new) kernel->second = {name, 1000 * std::atoll(std::strrchr(name, '_') + 1)};
  *function = reinterpret_cast<CUfunction>(&kernel->second);
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned, unsigned, unsigned, unsigned, unsigned,
                        unsigned, unsigned, CUstream stream, void**, void**) {
  if (gpu().pid != getpid()) return CUDA_ERROR_NOT_INITIALIZED;
  return launch(*reinterpret_cast<const Kernel*>(function), stream);
}

CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode) {
  return begin_capture(CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_v2, stream, nullptr);
}

CUresult cuStreamBeginCaptureToGraph(CUstream stream, CUgraph graph, const CUgraphNode*,
                                     const CUgraphEdgeData*, std::size_t, CUstreamCaptureMode) {
  return begin_capture(CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCaptureToGraph, stream,
                       reinterpret_cast<Graph*>(graph));
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  return driver_call(CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture, nullptr, next_correlation(), [&] {
    const std::lock_guard lock(gpu().mutex);
    Graph* const captured = std::exchange(stream_of(stream).captures, nullptr);
    *graph = reinterpret_cast<CUgraph>(captured);
    if (captured == nullptr) return CUDA_ERROR_ILLEGAL_STATE;
    return captured->broken ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : CUDA_SUCCESS;
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
    const std::int64_t start = std::max(gpu().now_ns, stream_of(stream).free_at_ns);
    for (const Node& node : graph.nodes) run_kernel(*node.kernel, stream, correlation, node.id);
    if (gpu().kinds.contains(CUPTI_ACTIVITY_KIND_GRAPH_TRACE))
      gpu().records.push_back(
          {true, nullptr, start, stream_of(stream).free_at_ns, correlation, stream_id(stream), 0});
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

}  // extern "C"
