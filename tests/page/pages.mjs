// SPDX-License-Identifier: Apache-2.0
// The pages under test. perfgate itself makes them of the shipped recording, and of a copy of it in
// which two kernels were made slower and one got a hostile name.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedRecording } from "../changed_recording.mjs";
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

export const passed = run("passed.html", "--replay", "tests/recordings/h200.json");
export const changed = run("changed.html", "compare", changedRecording(folder, evil));

/** The page of a suite of ten thousand cases: those of the changed page, again and again under other names. */
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

/** The changed page with other names; each of `renames` is [from, to]. */
export function renamed(...renames) {
  const file = join(folder, "renamed.html");
  writeFileSync(file, renames.reduce((page, [from, to]) => page.replaceAll(from, to), readFileSync(changed, "utf8")));
  return file;
}

/** The page of a run in which the group `sparse`, which no baseline has, lacks something in three of its cases. */
export function sparse() {
  const record = JSON.parse(readFileSync(changedRecording(folder, evil), "utf8").replaceAll("llama-3.1-8b/b16/s1024/fp16", "sparse"));
  delete record.plan.cases.find((planned) => planned.group === "sparse" && planned.part === "o_proj").work.operations;
  for (const process of record.processes) {
    process.timings = process.timings?.filter((timing) => timing.case !== "sparse/qkv_proj");
    process.kernels = process.kernels?.filter((kernels) => kernels.case !== "sparse/attention");
  }
  const file = join(folder, "sparse.json");
  writeFileSync(file, JSON.stringify(record));
  return run("sparse.html", "compare", file);
}

/** The passed page as `perfgate profile` writes it: every case is measured, and compared with nothing. */
export function profile() {
  const page = readFileSync(passed, "utf8");
  const [, data] = page.match(/id="report">(.*?)<\/script>/s);
  const report = JSON.parse(data), at = (key) => report.keys.case.indexOf(key);
  for (const one of report.cases) {
    one[at("verdict")] = report.verdicts.findIndex((verdict) => verdict.id === "measured");
    one[at("cells")].fill("-", 1, 3);
    one[at("change")] = null;
  }
  const file = join(folder, "profile.html");
  writeFileSync(file, page.replace(data, () => JSON.stringify(report).replaceAll("<", "\\u003c")));
  return file;
}

export const axeSource = readFileSync(join(root, "tests/page/node_modules/axe-core/axe.min.js"), "utf8");
