#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what a launch costs the CPU, in us: the least of five loops of 20,000 launches."""
import time

import torch

x = torch.zeros(1, device="cuda")


def loop(count):
    torch.cuda.synchronize()
    begin = time.perf_counter()
    for _ in range(count):
        x.add_(1)
    torch.cuda.synchronize()
    return (time.perf_counter() - begin) / count * 1e6


loop(2000)
torch.cuda.nvtx.range_push("loop")
print(f"launch {min(loop(20000) for _ in range(5)):.3f} us")
torch.cuda.nvtx.range_pop()
