// SPDX-License-Identifier: Apache-2.0
// Drives a browser over the history's page, from file:// and without a network: a history with steps,
// and one of 2,000 runs and 200 cases.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { perfgate, root } from "../program.mjs";
import { open } from "./browser.mjs";

const folder = mkdtempSync(join(tmpdir(), "perfgate-history-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a history in which the case suite/0 is slower by 3 % from the middle on, and returns its page. */
function pageOf(name, runs, cases) {
  const ripple = (run, index) => 1 + 0.0005 * Math.sin(run * 12.9898 + index * 78.233);
  const lines = Array.from({ length: runs }, (_, run) => JSON.stringify({ schema: 1, commit: run.toString(16).padStart(40, "a"),
    created: new Date(Date.UTC(2020, 0, 1 + run)).toISOString().replace(".000", ""), gpu_id: "h100",
    cases: Array.from({ length: cases }, (_, i) => ({ case: i === 1 ? "evil/<img src=x onerror=alert(1)>" : `suite/${i}`,
      duration_s: Number(((10 + i) * 1e-6 * ripple(run, i) * (i === 0 && run >= runs / 2 ? 1.03 : 1)).toPrecision(6)), processes: 5,
      ...(i === 0 && run === runs / 2 && { verdict: "accepted" }) })) }));
  writeFileSync(join(folder, `${name}.jsonl`), lines.join("\n") + "\n");
  const file = join(folder, `${name}.html`);
  execFileSync(perfgate, ["history", "page", join(folder, `${name}.jsonl`), "-o", file, "--repository", "https://github.com/a/b"], { stdio: "pipe" });
  return file;
}

test("what crept comes first, with its step, its verdict and a link to its commit", async () => {
  const page = await open(pageOf("small", 40, 5));
  assert.match(await page.locator(".sentence").innerText(), /^40 runs of 5 cases, 2020-01-01 to 2020-02-09: 1 crept$/);
  const first = page.locator("section.case").first();
  assert.equal(await first.locator("h3").innerText(), "suite/0");
  assert.match(await first.locator(".warning").innerText(), /^crept: slower by \+[23]\.\d % on average since/);
  // The change is since the first run, whose commit stands behind its date; the newest stands behind the duration.
  const now = first.locator("p", { hasText: " us now" });
  assert.match(await now.innerText(), /^\d+\.\d\d us now \([0-9a-f]{10}\), \+\d\.\d % since 2020-01-01 \([0-9a-f]{10}\)$/);
  const commits = [39, 0].map((run) => `https://github.com/a/b/commit/${run.toString(16).padStart(40, "a")}`);
  assert.deepEqual(await now.locator("a").evaluateAll((list) => list.map((node) => node.getAttribute("href"))), commits);
  assert.match(await first.locator("li").first().innerText(), /a step of \+3\.0 %, accepted$/);
  assert.equal(await first.locator("li a").first().getAttribute("href"), `https://github.com/a/b/commit/${(20).toString(16).padStart(40, "a")}`);
  assert.equal(await page.locator("section.case canvas").count(), 5);
  assert.equal(await page.locator("section.case h3", { hasText: "evil/<img" }).count(), 1);
  await page.locator("#crept").check();
  assert.equal(await page.locator("section.case").count(), 1);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

/**
 * Runs `action`, prints what it took, and asserts that it was at most four times the bar of `most` seconds: the bar is
 * for an optimised program on a quiet machine, and a test has neither.
 */
async function within(most, what, t, action) {
  const begin = performance.now();
  const result = await action();
  const seconds = (performance.now() - begin) / 1e3;
  t.diagnostic(`${what}: ${seconds.toFixed(2)} s, the bar is ${most} s`);
  assert.ok(seconds <= 4 * most, `${what}: ${seconds} s`);
  return result;
}

test("2,000 runs of 200 cases: at most 10 MB, opened, filtered and added to in seconds", async (t) => {
  const file = pageOf("large", 2000, 200);
  t.diagnostic(`page: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  assert.ok(statSync(file).size <= 10e6, `${statSync(file).size} bytes`);
  const page = await within(2, "opening", t, async () => {
    const opened = await open(file);
    await opened.locator("section.case canvas").first().waitFor();
    return opened;
  });
  await within(2, "filtering", t, async () => {
    await page.locator("#filter").fill("suite/199");
    await page.locator("section.case h3", { hasText: "suite/199" }).first().waitFor();
  });
  assert.deepEqual(await page.locator("section.case h3").allTextContents(), ["suite/199"]);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  const add = () => execFileSync(perfgate, ["history", "add", join(root, "tests/recordings/h100.json"), "--file", join(folder, "large.jsonl")], { encoding: "utf8" });
  assert.match(await within(1, "adding a run", t, add), /added to/);
  assert.match(await within(1, "finding that it is there", t, add), /has this run already/);
});
