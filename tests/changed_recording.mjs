// SPDX-License-Identifier: Apache-2.0
// A copy of the shipped recording in which two kernels were made slower, one got another name, and one
// group is traced.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./program.mjs";

/** Two layers of a group, each kernel as long as its part's record says; `gap` seconds apart. */
function timeline(record, group, launching, gap) {
  const timing = record.processes.find((one) => one.kind === "timing");
  const parts = record.plan.cases.filter((one) => one.group === group && !one.whole_of).map((one) => one.part);
  const launches = [], kernels = [];
  let at = 0;
  for (const layer of [0, 1])
    for (const { case: id, launches: own } of timing.kernels.filter((one) => one.case.startsWith(`${group}/`)))
      for (const launch of own) {
        const same = (other) => JSON.stringify(other) === JSON.stringify(launch);
        if (!launches.some(same)) launches.push(launch);
        const length = timing.timings.find((one) => one.case === id).median_s / own.length;
        kernels.push({ part: parts.indexOf(id.slice(id.lastIndexOf("/") + 1)), repetition: layer, launch: launches.findIndex(same), start_s: at, end_s: at + length });
        at += length + gap;
      }
  return { group, parts, whole: "layer", launching, launches, kernels };
}

/** Samples in ascending order with these quartiles: each quartile lies between two samples that are equal to it. */
function samplesOf({ count, min_s, q1_s, median_s, q3_s, max_s }) {
  const quartiles = [min_s, q1_s, median_s, q3_s, max_s], quarter = (count - 1) / 4;
  return Array.from({ length: count }, (_, i) => {
    const nearest = Math.round(i / quarter), below = Math.floor(i / quarter);
    if (Math.abs(i - nearest * quarter) < 1) return quartiles[nearest];
    return quartiles[below] + (quartiles[below + 1] - quartiles[below]) * (i / quarter - below);
  });
}

/** Writes it into `folder`, and returns the file's path. */
export function changedRecording(folder, hostileName) {
  const record = JSON.parse(readFileSync(join(root, "tests/recordings/h200.json"), "utf8"));
  const slower = (id) => (id.endsWith("b1/s1024/fp16/o_proj") ? 1.1 : id.endsWith("b16/s1024/fp16/attention") ? 1.2 : 1);
  const timings = ["iq_mean_s", "median_s", "q1_s", "q3_s", "min_s", "max_s"];
  // In as many rounds as the last look wants, so that slower is proved and not only suspected.
  const rounds = record.processes.filter((one) => one.kind === "timing");
  for (let round = 1; round <= 24; ++round) {
    const again = structuredClone(rounds[round % rounds.length]);
    again.timings = again.timings.filter((timing) => slower(timing.case) > 1);
    record.processes.push({ ...again, round, kernels: undefined, checks: undefined });
  }
  for (const one of record.processes) {
    for (const timing of one.timings ?? []) {
      for (const key of timings) timing[key] *= slower(timing.case);
      timing.placements_s = timing.placements_s.map((s) => s * slower(timing.case));
      timing.samples_s = samplesOf(timing);
    }
    for (const { case: id, values } of one.metrics ?? []) {
      values.gpu_time *= slower(id);
      values.ipc /= slower(id);
      if (slower(id) === 1.2) values.hbm_read *= 1.2;
    }
    for (const kernels of one.kernels ?? []) {
      // With the baseline's code it would be the machine that is slower.
      if (slower(kernels.case) > 1) for (const launch of kernels.launches) launch.code = "0123456789abcdef";
      if (kernels.case.endsWith("/rotary")) kernels.launches[0].name = hostileName;
    }
  }
  const traced = "llama-2-7b/b1/s1024/fp16";
  for (const one of record.processes) delete one.timelines;
  record.processes.find((one) => one.kind === "timing").timelines =
    [timeline(record, traced, "graph", 0), timeline(record, traced, "calls", 2e-6)];
  const file = join(folder, "changed.json");
  writeFileSync(file, JSON.stringify(record));
  return file;
}
