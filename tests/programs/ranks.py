#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tensor-parallel work on several GPUs, as a program for `perfgate profile --gpus 2`: each rank has a
range `step_<n>` of two GEMMs, an element-wise kernel and an all-reduce. It knows nothing of perfgate.

    torchrun --nproc-per-node 2 tests/programs/ranks.py [--steps N] [--count]
"""
import argparse
import os

import torch
import torch.distributed as dist

from own_launches import launches_of, tell

HIDDEN, INTERMEDIATE, BATCH = 4096, 11008, 16


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--count", action="store_true",
                        help="tell what a step launches besides the all-reduce, and end")
    options = parser.parse_args()
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    torch.cuda.set_device(device)
    dist.init_process_group("nccl", device_id=device)
    torch.manual_seed(rank)

    def weights(*shape):
        return torch.randn(*shape, device=device, dtype=torch.float16) * 0.02

    up, down = weights(HIDDEN, INTERMEDIATE // world), weights(INTERMEDIATE // world, HIDDEN)
    x = weights(BATCH, HIDDEN)

    def shard():
        return torch.relu(x @ up) @ down

    with torch.no_grad():
        for _ in range(3):
            dist.all_reduce(shard())
        torch.cuda.synchronize()
        if options.count:
            if rank == 0:
                tell("shard", launches_of(shard))
        else:
            for number in range(options.steps):
                torch.cuda.nvtx.range_push(f"step_{number}")
                dist.all_reduce(shard())
                torch.cuda.nvtx.range_pop()
            torch.cuda.synchronize()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
