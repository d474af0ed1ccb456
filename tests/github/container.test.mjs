// SPDX-License-Identifier: Apache-2.0
// The container's recipe, by a public validator, and by the rules that it does not know.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { validate } from "dockerfile-utils";
import { root } from "../program.mjs";

const text = readFileSync(join(root, "ci/Containerfile"), "utf8");
const lines = text.replaceAll("\\\n", "").split("\n").filter((line) => /^[A-Z]+ /.test(line));
const all = (name) => lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

test("the recipe passes the validator, which finds what is planted", () => {
  assert.deepEqual(validate(text), []);
  assert.notDeepEqual(validate(text.replace("ENTRYPOINT", "ENTRYPIONT")), []);
});

test("every image is one version, and the last one has no compiler and no root", () => {
  const [tools, build, last] = all("FROM");
  assert.equal(all("FROM").length, 3);
  assert.equal(tools, "nvidia/cuda:${CUDA}-devel-ubuntu24.04 AS tools");
  assert.equal(build, "tools AS build");
  assert.equal(last, "nvidia/cuda:${CUDA}-base-ubuntu24.04");
  const arguments_ = Object.fromEntries(all("ARG").map((line) => line.split("=")));
  assert.equal(arguments_.CUDA.split(".").slice(0, 2).join("-"), arguments_.CUDA_PACKAGES, "the toolkit of both images");
  assert.match(all("USER").at(-1), /^(?!root|0)/);
});

test("what is copied is there", () => {
  for (const line of all("COPY").filter((one) => !one.startsWith("--from="))) assert.ok(statSync(join(root, line.split(" ")[0])));
});
