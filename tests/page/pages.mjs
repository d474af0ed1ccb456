// The pages under test: what perfgate itself makes of the shipped recording, and of a copy of it in
// which two kernels were made slower and one got a hostile name.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { perfgate, root } from "../program.mjs";

export const folder = mkdtempSync(join(tmpdir(), "perfgate-page-"));
export const evil = "evil<img src=x onerror=alert(1)></script><script>alert(2)</script>";

/** Runs perfgate; a regression found (1) or no verdict (3) is no failure of the page. */
function run(name, ...words) {
  const file = join(folder, name);
  try {
    execFileSync(perfgate, [...words, "--html", file, "--quiet"], { cwd: root, stdio: "pipe" });
  } catch (error) {
    if (![1, 3].includes(error.status)) throw error;
  }
  return file;
}

/** A copy of the recording in which `change` has been at each case's timing and counters. */
function changedRecording() {
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
      if (kernels.case.endsWith("/rotary")) kernels.launches[0].name = evil;
  }
  const file = join(folder, "changed.json");
  writeFileSync(file, JSON.stringify(record));
  return file;
}

export const passed = run("passed.html", "--replay", "tests/recordings/h200.json");
export const changed = run("changed.html", "compare", changedRecording());

/** The page of a suite of ten thousand cases: the changed page's, again and again under other names. */
export function large() {
  const page = readFileSync(changed, "utf8");
  const begin = page.indexOf('"cases":[') + '"cases":['.length;
  const end = page.indexOf('],"keys":{', begin);
  const cases = page.slice(begin, end);
  const copies = Math.ceil(10000 / (cases.split('["llama-').length - 1));
  const copied = Array.from({ length: copies }, (_, i) => cases.replaceAll('["llama-', `["copy-${i}-llama-`));
  const file = join(folder, "large.html");
  writeFileSync(file, page.slice(0, begin) + copied.join(",") + page.slice(end));
  return file;
}

export const axeSource = readFileSync(join(root, "tests/page/node_modules/axe-core/axe.min.js"), "utf8");
