// SPDX-License-Identifier: Apache-2.0
// Holds the JSON Schema files that are shipped against what perfgate writes: every recording, every
// baseline (read as JSON), and the results of some. A file with a key too many, or one too few, is
// refused.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import { parse } from "smol-toml";
import { root } from "../program.mjs";
import { cleanUp, readJson, results } from "./publish.mjs";

after(cleanUp);

const validator = (name) => new Ajv({ allErrors: true, strict: true }).compile(readJson(join(root, `configs/schemas/${name}.schema.json`)));
const valid = { record: validator("record"), result: validator("result"), baseline: validator("baseline") };
const readToml = (file) => JSON.parse(JSON.stringify(parse(readFileSync(file, "utf8"))));
const expectValid = (kind, document, name) => assert.ok(valid[kind](document), `${name}: ${JSON.stringify(valid[kind].errors?.slice(0, 3))}`);
const jsonBelow = (folder) => readdirSync(join(root, folder)).filter((name) => name.endsWith(".json")).map((name) => `${folder}/${name}`);

const recordings = ["tests/recordings", "tests/recordings/pairs", "tests/recordings/programs"].flatMap(jsonBelow);
const { passed, failed } = results();

test("every recording is a valid record", () => {
  assert.ok(recordings.length >= 12);
  for (const file of recordings) expectValid("record", readJson(join(root, file)), file);
});

test("results of a pass and of a failure are valid", () => {
  for (const file of [passed, failed]) expectValid("result", readJson(file), file);
});

test("every baseline is valid when it is read as JSON", () => {
  const shipped = readdirSync(join(root, "baselines")).filter((name) => name.endsWith(".toml")).map((name) => join(root, "baselines", name));
  assert.ok(shipped.length >= 2);
  for (const file of shipped) expectValid("baseline", readToml(file), file);
});

test("a key too many, one too few, and a value of another type are refused", () => {
  const changes = {
    record: [(one) => delete one.gpu_id, (one) => (one.more = 1), (one) => (one.processes[0].kind = "other"), (one) => (one.plan.cases[0].work = 3),
      (one) => delete one.plan.metrics[0].unit, (one) => (one.schema = 1), (one) => (one.processes.find((process) => process.timings).timings[0].median_s = "1")],
    result: [(one) => delete one.sentence, (one) => (one.more = 1), (one) => (one.exit_code = 2), (one) => (one.cases[0].why = null), (one) => (one.cases[0].change.effect = "1"),
      (one) => delete one.cases[0].metrics, (one) => (one.cases = [])],
    baseline: [(one) => delete one.gpu_id, (one) => (one.more = 1), (one) => (one.schema = 2), (one) => (one.session = {}), (one) => delete one.session["1"].fma_tflops,
      (one) => (one.cases = {}), (one) => (Object.values(one.cases)[0].duration_us["1"] = [1]), (one) => delete Object.values(one.cases)[0].kernel[0].launch],
  };
  for (const [kind, file] of [["record", join(root, recordings[0])], ["result", failed], ["baseline", join(root, "baselines/h100.toml")]])
    for (const change of changes[kind]) {
      const document = kind === "baseline" ? readToml(file) : readJson(file);
      change(document);
      assert.ok(!valid[kind](document), `${kind}: ${change}`);
    }
});
