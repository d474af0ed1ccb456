// SPDX-License-Identifier: Apache-2.0
#include "kernels/program/launch_watch.h"

#include <cupti.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <span>

#include "kernels/cupti/cupti_check.h"
#include "kernels/program/injection.h"

namespace perfgate {
namespace {

// The runtime's launches arrive here as the driver's.
constexpr std::array<CUpti_CallbackId, 6> kernel_launches{
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz,
};
constexpr std::array<CUpti_CallbackId, 2> graph_launches{
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch,
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch_ptsz,
};
constexpr std::array<CUpti_CallbackId, 6> capture_begins{
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_v2,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCapture_v2_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCaptureToGraph,
    CUPTI_DRIVER_TRACE_CBID_cuStreamBeginCaptureToGraph_ptsz,
};
constexpr std::array<CUpti_CallbackId, 2> capture_ends{
    CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture,
    CUPTI_DRIVER_TRACE_CBID_cuStreamEndCapture_ptsz,
};
constexpr std::array<CUpti_CallbackId, 2> profiler_calls{
    CUPTI_DRIVER_TRACE_CBID_cuProfilerStart,
    CUPTI_DRIVER_TRACE_CBID_cuProfilerStop,
};

template <std::size_t size>
bool has(const std::array<CUpti_CallbackId, size>& ids, CUpti_CallbackId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// A capture that can't be ended there (another thread or stream began it, or none did) goes on.
bool ends_capture(CUresult result) {
  return result == CUDA_SUCCESS || result == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED ||
         result == CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
}

void on_driver_call(Injection& injection, CUpti_CallbackId id, const CUpti_CallbackData& call) {
  const bool enters = call.callbackSite == CUPTI_API_ENTER;
  // A capture counts from before it begins until after it has ended.
  if (enters && has(capture_begins, id)) injection.capture(true);
  const CUresult result = enters || call.functionReturnValue == nullptr
                              ? CUDA_SUCCESS
                              : *static_cast<const CUresult*>(call.functionReturnValue);
  if (!enters && has(capture_ends, id) && ends_capture(result)) injection.capture(false);
  if (!enters && has(capture_begins, id) && result != CUDA_SUCCESS) injection.capture(false);
  if (!enters) return;
  if (has(kernel_launches, id))
    injection.launched(call.correlationId, call.context, call.symbolName, false);
  if (has(graph_launches, id))
    injection.launched(call.correlationId, call.context, "(CUDA graph)", true);
  if (has(profiler_calls, id))
    injection.profiler_api(id == CUPTI_DRIVER_TRACE_CBID_cuProfilerStart);
}

void on_graph_node(Injection& injection, CUpti_CallbackId id, const CUpti_GraphData& graph) {
  std::uint64_t node = 0, original = 0;
  if (cuptiGetGraphNodeId(graph.node, &node) != CUPTI_SUCCESS) return;
  if (id == CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED) injection.node_created(node);
  if (id == CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED &&
      cuptiGetGraphNodeId(graph.originalNode, &original) == CUPTI_SUCCESS)
    injection.node_cloned(node, original);
}

/// The image is valid here only.
void on_module(Injection& injection, const CUpti_ModuleResourceData& module) {
  injection.module_loaded(std::as_bytes(
      std::span(module.pCubin, module.pCubin != nullptr ? module.cubinSize : std::size_t{0})));
}

void on_resource(Injection& injection, CUpti_CallbackId id, const CUpti_ResourceData& resource) {
  if (id == CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING) injection.context_ends(resource.context);
  const void* const data = resource.resourceDescriptor;
  if (data == nullptr) return;
  if (id == CUPTI_CBID_RESOURCE_MODULE_LOADED)
    on_module(injection, *static_cast<const CUpti_ModuleResourceData*>(data));
  if (id == CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED || id == CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED)
    on_graph_node(injection, id, *static_cast<const CUpti_GraphData*>(data));
}

void CUPTIAPI on_callback(void* data, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                          const void* call) noexcept {
  // A forked child has inherited the callbacks, and its CUDA is dead.
  if (Injection::instance() == nullptr || call == nullptr) return;
  auto& injection = *static_cast<Injection*>(data);
  try {
    if (domain == CUPTI_CB_DOMAIN_DRIVER_API) {
      on_driver_call(injection, id, *static_cast<const CUpti_CallbackData*>(call));
    } else if (domain == CUPTI_CB_DOMAIN_RESOURCE) {
      on_resource(injection, id, *static_cast<const CUpti_ResourceData*>(call));
    }
  } catch (const std::exception& error) {
    injection.fail(error);
  }
}

}  // namespace

std::string watch_launches(Injection& injection) {
  CUpti_SubscriberHandle subscriber{};
  std::array<char, 128> other{};
  CUpti_SubscriberParams params{};
  params.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
  params.subscriberName = "perfgate";
  params.oldSubscriberName = other.data();
  params.oldSubscriberSize = other.size();
  const CUptiResult status = cuptiSubscribe_v2(&subscriber, on_callback, &injection, &params);
  if (status == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED)
    return std::string("another tool holds CUPTI in this process") +
           (other[0] != '\0' ? std::string(": ") + other.data() : "") +
           "; run without nsys, ncu, cuda-gdb, and switch off a profiler that the program starts";
  try {
    check(status, "cuptiSubscribe_v2");
    const auto enable = [&](CUpti_CallbackDomain domain, const auto& ids) {
      for (const CUpti_CallbackId id : ids)
        check(cuptiEnableCallback(1, subscriber, domain, id), "cuptiEnableCallback");
    };
    enable(CUPTI_CB_DOMAIN_DRIVER_API, kernel_launches);
    enable(CUPTI_CB_DOMAIN_DRIVER_API, graph_launches);
    enable(CUPTI_CB_DOMAIN_DRIVER_API, capture_begins);
    enable(CUPTI_CB_DOMAIN_DRIVER_API, capture_ends);
    enable(CUPTI_CB_DOMAIN_DRIVER_API, profiler_calls);
    enable(CUPTI_CB_DOMAIN_RESOURCE,
           std::array<CUpti_CallbackId, 3>{CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING,
                                           CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED,
                                           CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED});
  } catch (const std::exception& error) {
    return error.what();
  }
  // Where it is refused, no code is known.
  if (injection.request().mode == ProgramMode::time)
    cuptiEnableCallback(1, subscriber, CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_MODULE_LOADED);
  return "";
}

}  // namespace perfgate
