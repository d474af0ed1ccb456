# SPDX-License-Identifier: Apache-2.0
"""What a piece of PyTorch work launches, without a profiler: it is captured in a CUDA graph, and the
driver tells the graph's kernel nodes."""
import ctypes
import json

import torch


class KernelNode(ctypes.Structure):
    """CUDA_KERNEL_NODE_PARAMS_v2 of cuda.h."""
    _fields_ = [("function", ctypes.c_void_p), ("grid", ctypes.c_uint * 3), ("block", ctypes.c_uint * 3),
                ("shared_bytes", ctypes.c_uint), ("parameters", ctypes.c_void_p), ("extra", ctypes.c_void_p),
                ("kernel", ctypes.c_void_p), ("context", ctypes.c_void_p)]


KERNEL = 0  # CU_GRAPH_NODE_TYPE_KERNEL


def launches_of(work):
    """Returns [grid, block] of each kernel that `work()` launches, sorted. It has run before."""
    graph = torch.cuda.CUDAGraph(keep_graph=True)
    # Other threads, such as NCCL's, may ask for the state of events meanwhile.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        work()
    driver = ctypes.CDLL("libcuda.so.1")

    def call(name, *arguments):
        status = getattr(driver, name)(*arguments)
        if status != 0:
            raise RuntimeError(f"{name}: error {status}")

    handle, count = ctypes.c_void_p(graph.raw_cuda_graph()), ctypes.c_size_t()
    call("cuGraphGetNodes", handle, None, ctypes.byref(count))
    nodes = (ctypes.c_void_p * count.value)()
    call("cuGraphGetNodes", handle, nodes, ctypes.byref(count))
    launches = []
    for node in nodes:
        kind, kernel = ctypes.c_int(), KernelNode()
        call("cuGraphNodeGetType", ctypes.c_void_p(node), ctypes.byref(kind))
        if kind.value != KERNEL:
            continue
        call("cuGraphKernelNodeGetParams_v2", ctypes.c_void_p(node), ctypes.byref(kernel))
        launches.append([list(kernel.grid), list(kernel.block)])
    return sorted(launches)


def tell(name, launches):
    """Prints them for tests/gpu/programs."""
    print(f"launches {name} {json.dumps(launches)}", flush=True)
