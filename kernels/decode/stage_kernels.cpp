// SPDX-License-Identifier: Apache-2.0
#include "kernels/decode/stage_kernels.h"

#include "kernels/cuda/driver_api.h"
#include "kernels/cuda/graph.h"

namespace perfgate {

namespace {

void check_driver(CUresult status, const char* call) {
  if (status != CUDA_SUCCESS)
    throw DeviceError(std::string(call) + ": driver error " + std::to_string(status));
}

/// Returns the name of a kernel node. Libraries launch through CUkernel or CUfunction; either may
/// be set.
std::string kernel_name(cudaGraphNode_t node) {
  static const auto get_params =
      driver_function<CUresult (*)(CUgraphNode, CUDA_KERNEL_NODE_PARAMS*)>(
          "cuGraphKernelNodeGetParams");
  static const auto function_name =
      driver_function<CUresult (*)(const char**, CUfunction)>("cuFuncGetName");
  static const auto kernel_name =
      driver_function<CUresult (*)(const char**, CUkernel)>("cuKernelGetName");
  CUDA_KERNEL_NODE_PARAMS params{};
  check_driver(get_params(node, &params), "cuGraphKernelNodeGetParams");
  const char* name = nullptr;
  if (params.func)
    check_driver(function_name(&name, params.func), "cuFuncGetName");
  else
    check_driver(kernel_name(&name, params.kern), "cuKernelGetName");
  return name ? name : "";
}

}  // namespace

std::vector<std::string> kernels_of(cudaStream_t stream, const std::function<void()>& work) {
  const Graph graph = capture(stream, work);
  // The nodes of a captured stream are in the order of capture.
  std::size_t count = 0;
  check(cudaGraphGetNodes(graph.get(), nullptr, &count), "cudaGraphGetNodes");
  std::vector<cudaGraphNode_t> nodes(count);
  check(cudaGraphGetNodes(graph.get(), nodes.data(), &count), "cudaGraphGetNodes");
  std::vector<std::string> names;
  for (const cudaGraphNode_t node : nodes) {
    cudaGraphNodeType type;
    check(cudaGraphNodeGetType(node, &type), "cudaGraphNodeGetType");
    if (type == cudaGraphNodeTypeKernel) names.push_back(kernel_name(node));
  }
  return names;
}

std::vector<StageKernels> kernels_of_layer(DecodeStep& step, int layer) {
  std::vector<StageKernels> out;
  for (const StageInfo& info : stages) {
    StageKernels kernels{info.stage,
                         kernels_of(step.stream(), [&] { step.run_stage(layer, info.stage); })};
    if (kernels.names.empty())
      throw DeviceError("stage " + std::string(info.id) + " launches no kernel");
    out.push_back(std::move(kernels));
  }
  return out;
}

}  // namespace perfgate
