// SPDX-License-Identifier: Apache-2.0
// The output of --trace for the shipped recording, and tests of its content against the record itself,
// for any reader of the trace.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { perfgate, root } from "../program.mjs";

const recording = join(root, "tests/recordings/h100.json");
const timelines = JSON.parse(readFileSync(recording, "utf8")).processes.flatMap((process) => process.timelines ?? []);
const groups = [...new Set(timelines.map(({ group }) => group))];
const words = { graph: "replayed as one CUDA graph", calls: "launched one by one" };

function trace() {
  const folder = mkdtempSync(join(tmpdir(), "perfgate-trace-"));
  const file = join(folder, "trace.json");
  execFileSync(perfgate, ["--replay", recording, "--trace", file, "--quiet"], { cwd: root, stdio: "pipe" });
  const text = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  return text;
}
export const text = trace();

/** Returns the trace with one change: `change` gets the trace, and its first slice of an o_proj stage. */
export function broken(change) {
  const copy = JSON.parse(text);
  change(copy, copy.traceEvents.find(({ ph, name }) => ph === "X" && name === "o_proj"));
  return JSON.stringify(copy);
}

/** Returns [name, layer, start, duration], in ns, of runs of kernels that `same` groups, from first start to last end. */
function recorded({ kernels }, nameAndLayer, same, [start, end] = ["start_s", "end_s"]) {
  const first = Math.min(0, ...kernels.map((span) => Math.min(span.start_s, span.call_start_s ?? 0)));
  const ns = (seconds) => Math.round((seconds - first) * 1e9);
  const groups = [];
  kernels.forEach((span, i) => (i > 0 && same(span, kernels[i - 1]) ? groups.at(-1).push(span) : groups.push([span])));
  return groups.map((group) => {
    const from = ns(group[0][start]);
    return [...nameAndLayer(group[0]), from, Math.max(...group.map((span) => ns(span[end]))) - from];
  });
}

/** Returns the threads of a timeline with the number of their slices; threads without slices are left out. */
function threadsOf({ kernels, launching }) {
  const layers = new Set(kernels.map(({ repetition }) => repetition)).size;
  const parts = new Set(kernels.map(({ repetition, part }) => `${repetition} ${part}`)).size;
  return [["CPU: launches", launching === "calls" ? kernels.length : 0], ["layers", layers], ["parts", parts],
    ["kernels", kernels.length]].filter(([, count]) => count > 0)
    .map(([title, count]) => [`${title} (${words[launching]})`, count]);
}

/** Tests the rows that a reader returned, in the shape of format.mjs. */
export function testRows(reader, rows) {
  test(`${reader}: each group is a process, and its threads have their names`, () => {
    const threads = new Map();
    for (const { process, thread, pid, tid } of rows) {
      const key = `${String(pid).padStart(9)} ${String(tid).padStart(9)}`;
      threads.set(key, [process, thread, (threads.get(key)?.[2] ?? 0) + 1]);
    }
    const seen = [...threads].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    assert.deepEqual(seen, groups.flatMap((group) => ["graph", "calls"].flatMap((launching) =>
      threadsOf(timelines.find((line) => line.group === group && line.launching === launching))
        .map((thread) => [group, ...thread]))));
  });

  for (const timeline of timelines) {
    const { group, launching, launches, parts: names } = timeline;
    test(`${reader}: ${group} ${words[launching]}: parts, layers, kernels and calls last as the record says`, () => {
      const of = (title) => rows
        .filter(({ process, thread }) => process === group && thread === `${title} (${words[launching]})`)
        .map(({ name, layer, start, duration, depth }) => [name, layer, start, duration, ...(depth === 0 ? [] : [depth])]);
      const parts = recorded(timeline, (span) => [names[span.part], span.repetition],
        (span, last) => span.part === last.part && span.repetition === last.repetition);
      assert.equal(parts.length, 40);  // ten in each of four layers
      assert.deepEqual(of("parts"), parts);
      assert.deepEqual(of("layers"),
        recorded(timeline, (span) => [`layer ${span.repetition}`, null], (span, last) => span.repetition === last.repetition));
      const kernel = (span) => [launches[span.launch].name, span.repetition];
      assert.deepEqual(of("kernels"), recorded(timeline, kernel, () => false));
      if (launching === "calls")
        assert.deepEqual(of("CPU: launches"), recorded(timeline, kernel, () => false, ["call_start_s", "call_end_s"]));
    });
  }

  test(`${reader}: what is measured of a case can be asked for`, () => {
    const { kernel, verdict, head_s: seconds } = rows.find(({ name }) => name === "o_proj");
    assert.match(kernel, /gemm/);
    assert.equal(verdict, "pass");
    assert.ok(seconds > 1e-6 && seconds < 1e-3);
  });
}
