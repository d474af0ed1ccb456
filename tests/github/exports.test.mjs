// SPDX-License-Identifier: Apache-2.0
// Holds `perfgate export` against its consumers: CTRF's published schema, and what
// github-action-benchmark's README says that customSmallerIsBetter reads.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { perfgate, root } from "../program.mjs";
import { cleanUp, readJson, results } from "./publish.mjs";

after(cleanUp);

const { passed, failed } = results();
const exported = (file, format) => {
  const ran = spawnSync(perfgate, ["export", file, "--to", format], { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
  assert.equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout);
};

const ctrf = addFormats(new Ajv({ strict: false })).compile(readJson(join(root, "tests/github/node_modules/ctrf/dist/ctrf-schema-0.0.json")));

test("CTRF's schema accepts a pass and a failure, and refuses a key of its own making", () => {
  for (const file of [passed, failed]) {
    const document = exported(file, "ctrf");
    assert.ok(ctrf(document), JSON.stringify(ctrf.errors));
    document.results.tests[0].microseconds = 1;
    assert.ok(!ctrf(document));
  }
  const regressed = readJson(failed).cases.filter((one) => one.verdict === "regressed").length;
  assert.ok(regressed > 0);
  assert.equal(exported(failed, "ctrf").results.summary.failed, regressed);
});

test("github-action-benchmark finds a name, a unit and a number in every row", () => {
  const rows = exported(failed, "gab");
  assert.ok(rows.length > 0);
  for (const { name, unit, value, range, extra, ...more } of rows) {
    for (const text of [name, unit, extra]) assert.equal(typeof text, "string");
    assert.ok(Number.isFinite(value));
    if (range !== undefined) assert.match(range, /^± [0-9.e-]+$/);
    assert.deepEqual(more, {});
  }
});

test("Bencher finds a latency in nanoseconds for every case", () => {
  const cases = readJson(failed).cases, metrics = exported(failed, "bmf");
  for (const one of cases) if (one.head_s) assert.ok(Math.abs(metrics[`${one.group}/${one.part}`].latency.value / one.head_s / 1e9 - 1) < 1e-9);
});
