// SPDX-License-Identifier: Apache-2.0
// Runs the root's action as GitHub does, in a simulated workspace: a repository of somebody else's,
// without a checkout of perfgate in it. The programs in place of a GPU measure a scripted program.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { perfgate, root } from "../program.mjs";

const folder = mkdtempSync(join(tmpdir(), "perfgate action "));
after(() => rmSync(folder, { recursive: true, force: true }));
const build = dirname(dirname(perfgate));

function must(words, options = {}) {
  const ran = spawnSync(words[0], words.slice(1), { encoding: "utf8", ...options });
  assert.equal(ran.status, 0, `${words.join(" ")}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout.trim();
}

// What GitHub puts at GITHUB_ACTION_PATH: the files of the action's repository, here without a build.
const actionPath = join(folder, "actions/acme-perfgate");
mkdirSync(actionPath, { recursive: true });
cpSync(join(root, "ci"), join(actionPath, "ci"), { recursive: true });
copyFileSync(join(root, "action.yml"), join(actionPath, "action.yml"));

// A release with the tarball, in which the fakes stand for the component cuda.
const version = "9.8.7", releases = join(folder, "releases"), prefix = join(folder, `perfgate-${version}`);
mkdirSync(join(releases, `v${version}`), { recursive: true });
must(["cmake", "--install", build, "--prefix", prefix]);
mkdirSync(join(prefix, "lib/perfgate"), { recursive: true });
copyFileSync(join(build, "bin/fake-runner"), join(prefix, "bin/perfgate-runner"));
copyFileSync(join(build, "bin/fake-program"), join(prefix, "lib/perfgate/libperfgate-inject.so"));
const tarball = `perfgate-${version}-linux-${must(["uname", "-m"])}.tar.gz`;
must(["tar", "-czf", join(releases, `v${version}`, tarball), "-C", folder, `perfgate-${version}`]);
const checksum = must(["sha256sum", tarball], { cwd: join(releases, `v${version}`) });
writeFileSync(join(releases, `v${version}`, "SHA256SUMS"), `${checksum}\n`);

/** Evaluates the few expressions that action.yml has. */
function evaluated(text, { inputs, outputs, github, runner }) {
  return String(text).replace(/\$\{\{ (.*?) \}\}/gs, (_, expression) => {
    if (expression.includes("github.token"))
      return ["comment", "check", "status"].some((place) => inputs.post.includes(place)) ? "the-token" : "";
    const [scope, name, , output] = expression.split(".");
    if (scope === "inputs") return inputs[name];
    if (scope === "github") return github[name];
    if (scope === "runner") return runner[name];
    assert.equal(scope, "steps", expression);
    return outputs[name]?.[output] ?? "";
  });
}

const readOutputs = (file) => Object.fromEntries((existsSync(file) ? readFileSync(file, "utf8") : "").split("\n").filter(Boolean)
  .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));

/** Runs the steps with `run` until one fails, with these inputs; returns the last exit code and every step's outputs. */
function act(workspace, given, more = {}) {
  const action = parse(readFileSync(join(actionPath, "action.yml"), "utf8"));
  const inputs = Object.fromEntries(Object.entries(action.inputs).map(([name, input]) => [name, input.default]));
  for (const name of Object.keys(given)) assert.ok(name in inputs, name);
  Object.assign(inputs, given);
  const temp = mkdtempSync(join(folder, "temp "));
  const context = { inputs, outputs: {}, github: { workspace, action_repository: "acme/perfgate" }, runner: { temp } };
  let code = 0, said = "";
  for (const step of action.runs.steps.filter((one) => one.run)) {
    const output = join(temp, `${step.id}.output`);
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, evaluated(text, context)]));
    const ran = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run], {
      cwd: workspace, encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: temp, GITHUB_ACTIONS: "true", CI: "true", GITHUB_ACTION_PATH: actionPath, GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: join(temp, "summary.md"), GITHUB_REPOSITORY: "acme/kernels", GATE_RELEASES: pathToFileURL(releases).href,
        PERFGATE_NVML: join(build, "tests/libfake-nvml.so"), FAKE_NVML_GPUS: "NVIDIA H200|GPU-aaaa", PERFGATE_STATE_DIR: temp,
        PERFGATE_FAKE_RUNNER_STATE: join(temp, "runner-state"), FAKE_PROGRAM: join(build, "bin/fake-program"), ...more, ...env },
    });
    said += ran.stdout + ran.stderr;
    context.outputs[step.id] = readOutputs(output);
    if ((code = ran.status) !== 0) break;
  }
  const summary = join(temp, "summary.md");
  return { code, said, outputs: context.outputs, summary: existsSync(summary) ? readFileSync(summary, "utf8") : "" };
}

/** Makes acme's repository, with a baseline on main and a slower program on a branch. */
function acme() {
  const workspace = mkdtempSync(join(folder, "kernels Größe "));
  const git = (...words) => must(["git", "-c", "user.name=acme", "-c", "user.email=acme@localhost", ...words], { cwd: workspace });
  git("init", "--quiet", "--initial-branch", "main");
  mkdirSync(join(workspace, "bench"));
  writeFileSync(join(workspace, "bench/decode"), '#!/bin/sh\nexec "$FAKE_PROGRAM" "slow:$(cat bench/factor)"\n');
  chmodSync(join(workspace, "bench/decode"), 0o755);
  writeFileSync(join(workspace, "bench/factor"), "1\n");
  writeFileSync(join(workspace, ".gitignore"), "/perfgate/out/\n");
  writeFileSync(join(workspace, "perfgate.toml"),
    '[measure]\nprocesses = 3\n[[program]]\nname = "decode"\ncommand = ["./bench/decode"]\nranges = ["my_decode_*_5/"]\n');
  const env = { PATH: process.env.PATH, HOME: folder, PERFGATE_NVML: join(build, "tests/libfake-nvml.so"), FAKE_NVML_GPUS: "NVIDIA H200|GPU-aaaa",
    PERFGATE_STATE_DIR: folder, PERFGATE_FAKE_RUNNER_STATE: join(folder, "runner-state"), FAKE_PROGRAM: join(build, "bin/fake-program") };
  must([join(prefix, "bin/perfgate"), "baseline", "refresh"], { cwd: workspace, env });
  git("add", "-A");
  git("commit", "--quiet", "-m", "main");
  git("switch", "--quiet", "--create", "change");
  writeFileSync(join(workspace, "bench/factor"), "1.04\n");
  git("commit", "--quiet", "--all", "-m", "change");
  return { workspace, git };
}

test("the action measures the workspace's program by its own baseline, from a release", () => {
  const { workspace, git } = acme();
  const ran = act(workspace, { version, "baseline-ref": "main" });
  assert.equal(ran.code, 1, ran.said);
  assert.equal(ran.outputs.gate.verdict, "FAIL");
  assert.equal(ran.outputs.gate.exit_code, "1");
  assert.match(ran.summary, /nvjet_tst_128x64/);
  const result = JSON.parse(readFileSync(join(workspace, "perfgate/out/result.json"), "utf8"));
  assert.equal(result.commit, git("rev-parse", "HEAD"), "the workspace's commit");
  assert.deepEqual(readdirSync(join(workspace, "perfgate/out")).sort(), ["junit.xml", "report.html", "report.md", "result.json", "run.json"]);
  assert.equal(git("status", "--porcelain"), "", "nothing is left over");
  assert.ok(!existsSync(join(actionPath, "build")), "nothing was written beside the action");

  writeFileSync(join(workspace, "bench/factor"), "1\n");
  const same = act(workspace, { version, "baseline-ref": "main", program: "decode", gpu: "h200" });
  assert.equal(same.code, 0, same.said);
  assert.equal(same.outputs.gate.verdict, "PASS");
});

test("beside a build of the base commit the change is not charged with what both have", () => {
  const { workspace, git } = acme();
  const given = { version, "baseline-ref": "main", "base-build": "test -f bench/decode && echo built > bench/mark" };
  const slower = act(workspace, given);
  assert.equal(slower.code, 1, slower.said);
  assert.match(readFileSync(join(workspace, "perfgate/out/report.md"), "utf8"), /against the base build/);
  // Main itself became slower since its baseline, and the change is as slow.
  git("switch", "--quiet", "main");
  writeFileSync(join(workspace, "bench/factor"), "1.04\n");
  git("commit", "--quiet", "--all", "-m", "slower main");
  git("switch", "--quiet", "--create", "later");
  const same = act(workspace, given);
  assert.equal(same.code, 0, same.said);
  assert.match(same.said, /drifted/);
  assert.equal(git("status", "--porcelain"), "");
  assert.equal(git("worktree", "list").split("\n").length, 1, "the base's checkout is gone");
  for (const [wrong, said] of [[{ "base-build": "exit 7" }, /could not be built: exit 7/], [{ "baseline-ref": "" }, /base-build needs baseline-ref/],
    [{ "baseline-ref": "nowhere" }, /have no commit in common/], [{ "base-folder": "x" }, /leave base-folder out/]]) {
    const ran = act(workspace, { ...given, ...wrong });
    assert.equal(ran.code, 3, ran.said);
    assert.match(ran.said, said);
  }
  const folder = act(workspace, { version, "base-folder": workspace, "base-command": "./bench/decode" });
  assert.equal(folder.code, 0, folder.said);
});

test("the action measures a command that no config names, and says what it has no baseline for", () => {
  const { workspace } = acme();
  const given = { version, command: "./bench/decode\n--an option", ranges: "my_decode_*_5/\n", program: "decode" };
  const ran = act(workspace, given);
  assert.equal(ran.code, 1, ran.said);
  const none = act(workspace, { ...given, gpu: "h100" });
  assert.equal(none.code, 3);
  assert.match(none.said, /h100/);
});

test("without a version the action's own source is built, never the workspace's", () => {
  const { workspace } = acme();
  const ran = act(workspace, {}, { PERFGATE: "" });
  // There is no source beside the scripts here: that this is no verdict shows where it looked.
  assert.equal(ran.code, 3, ran.said);
  assert.equal(ran.outputs.get.perfgate, join(actionPath, "ci/perfgate"));
});

test("a release that is not what its checksum says is not unpacked", () => {
  const { workspace } = acme();
  for (const [given, said] of [[{ version, sha256: "0".repeat(64) }, /has the checksum [0-9a-f]{64}, not 0{64}: it was not unpacked/],
    [{ version, sha256: "x" }, /sha256 is 'x'/], [{ version: "1.2.3" }, /cannot download file:.*v1\.2\.3/], [{ version: "../1" }, /version is '\.\.\/1'/]]) {
    const ran = act(workspace, given);
    assert.equal(ran.code, 3, ran.said);
    assert.match(ran.said, said);
  }
});

test("a runner without curl is told what is missing", () => {
  const tools = mkdtempSync(join(folder, "tools "));
  for (const name of readdirSync("/usr/bin")) if (name !== "curl") symlinkSync(join("/usr/bin", name), join(tools, name));
  const ran = act(acme().workspace, { version }, { PATH: tools });
  assert.equal(ran.code, 3, ran.said);
  assert.match(ran.said, /curl, which downloads releases, is not installed on this runner/);
});
