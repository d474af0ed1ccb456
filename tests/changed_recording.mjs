// A copy of the shipped recording in which two kernels were made slower and one got another name.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./program.mjs";

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
      timing.samples_s = Array.from({ length: timing.count }, (_, i) => timing.q1_s + ((timing.q3_s - timing.q1_s) * i) / timing.count);
    }
    for (const { case: id, values } of one.metrics ?? []) {
      values.gpu_time *= slower(id);
      values.ipc /= slower(id);
      if (slower(id) === 1.2) values.hbm_read *= 1.2;
    }
    for (const kernels of one.kernels ?? [])
      if (kernels.case.endsWith("/rotary")) kernels.launches[0].name = hostileName;
  }
  const file = join(folder, "changed.json");
  writeFileSync(file, JSON.stringify(record));
  return file;
}
