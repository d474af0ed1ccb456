#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A decode loop in plain PyTorch, as a program for `perfgate profile`: layers with the shapes of
llama-2-7b, random weights, and an NVTX range `my_decode_<step>_<layer>` around each layer of each step.
The next token is chosen in a range `my_sample_<step>` behind them.

It knows nothing of perfgate. Modes: eager; graph (a step is captured as one CUDA graph and replayed,
each replay in a range `replay_<n>`); compile (torch.compile, so Triton's kernels). With --count it only
tells what a layer, the choice and a whole step launch, by the CUDA driver's account.
"""
import argparse
import time

import torch
import torch.nn.functional as F

from own_launches import launches_of, tell

HIDDEN, INTERMEDIATE, HEADS, HEAD_DIM = 4096, 11008, 32, 128


def weights(*shape):
    return torch.randn(*shape, device="cuda", dtype=torch.float16) * 0.02


class Layer:
    def __init__(self, batch, context):
        self.batch = batch
        self.qkv = weights(3 * HIDDEN, HIDDEN)
        self.out = weights(HIDDEN, HIDDEN)
        self.gate_up = weights(2 * INTERMEDIATE, HIDDEN)
        self.down = weights(HIDDEN, INTERMEDIATE)
        self.down_twice = weights(2 * HIDDEN, INTERMEDIATE)
        self.norm1 = torch.ones(HIDDEN, device="cuda", dtype=torch.float16)
        self.norm2 = torch.ones(HIDDEN, device="cuda", dtype=torch.float16)
        self.keys = weights(batch, HEADS, context, HEAD_DIM)
        self.values = weights(batch, HEADS, context, HEAD_DIM)

    def __call__(self, x, cos, sin, planted):
        def rotate(t):
            first, second = t.chunk(2, -1)
            return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)

        h = F.rms_norm(x, (HIDDEN,), self.norm1)
        qkv = F.linear(h, self.qkv).view(self.batch, 1, 3, HEADS, HEAD_DIM)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        q, k = rotate(q), rotate(k)
        self.keys[:, :, -1:], self.values[:, :, -1:] = k, v
        attended = F.scaled_dot_product_attention(q, self.keys, self.values)
        x = x + F.linear(attended.transpose(1, 2).reshape(self.batch, 1, HIDDEN), self.out)
        h = F.rms_norm(x, (HIDDEN,), self.norm2)
        gate, up = F.linear(h, self.gate_up).chunk(2, -1)
        activated = F.silu(gate) * up
        if planted == "kernel":  # one more kernel
            activated = activated + 0.0
        if planted == "slower":  # the same operator, on twice as many weights
            return x + F.linear(activated, self.down_twice)[..., :HIDDEN]
        return x + F.linear(activated, self.down)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=["eager", "graph", "compile"], default="eager")
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--planted", choices=["nothing", "kernel", "slower"], default="nothing",
                        help="a change that a gate should find")
    parser.add_argument("--count", action="store_true", help="tell what is launched, and end")
    options = parser.parse_args()
    torch.manual_seed(0)
    layers = [Layer(options.batch, options.context) for _ in range(options.layers)]
    call = torch.compile(Layer.__call__) if options.mode == "compile" else Layer.__call__
    cos, sin = weights(1, 1, 1, HEAD_DIM // 2), weights(1, 1, 1, HEAD_DIM // 2)
    start = weights(options.batch, 1, HIDDEN)

    def step(number):
        x = start
        for index, layer in enumerate(layers):
            torch.cuda.nvtx.range_push(f"my_decode_{number}_{index}")
            x = call(layer, x, cos, sin, options.planted)
            torch.cuda.nvtx.range_pop()
        torch.cuda.nvtx.range_push(f"my_sample_{number}")
        token = x.argmax(-1)
        torch.cuda.nvtx.range_pop()
        return token

    with torch.no_grad():
        for number in range(3):
            step(number)
        torch.cuda.synchronize()
        if options.count:
            tell("layer", launches_of(lambda: call(layers[0], start, cos, sin, options.planted)))
            tell("sample", launches_of(lambda: start.argmax(-1)))
            tell("step", launches_of(lambda: step(9999)))
            return
        begin = time.perf_counter()
        if options.mode == "graph":
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                step(9999)
            events = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
            graph.replay()
            torch.cuda.synchronize()
            events[0].record()
            for number in range(options.steps):
                torch.cuda.nvtx.range_push(f"replay_{number}")
                graph.replay()
                torch.cuda.nvtx.range_pop()
            events[1].record()
            torch.cuda.synchronize()
            print(f"replay {events[0].elapsed_time(events[1]) * 1e3 / options.steps:.2f} us")
        else:
            for number in range(options.steps):
                step(3 + number)
        torch.cuda.synchronize()
    print(f"steps {time.perf_counter() - begin:.3f} s")


if __name__ == "__main__":
    main()
