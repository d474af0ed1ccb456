// Tests the scripts behind action.yml and the workflows. Programs in place of perfgate and gh write
// down how they were called.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "../program.mjs";

const folder = mkdtempSync(join(tmpdir(), "perfgate-scripts-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const place = () => {
  const path = join(folder, String(++count));
  mkdirSync(path);
  return path;
};

/** Makes a program that appends its arguments and its token to `calls`, one line per call, then runs `more`. */
function fake(path, more = "") {
  writeFileSync(path, `#!/usr/bin/env bash
printf '%s\\x1f' "token=\${GITHUB_TOKEN-none}" "$@" >> "${path}.calls"
echo >> "${path}.calls"
${more}
`);
  chmodSync(path, 0o755);
  return path;
}
const calls = (path) => readFileSync(`${path}.calls`, "utf8").trimEnd().split("\n").map((line) => line.split("\x1f").slice(0, -1));

function run(script, words, variables, options = {}) {
  const { PATH, HOME } = process.env;
  return spawnSync(join(options.root ?? root, "ci", script), words, { encoding: "utf8", env: { PATH, HOME, ...variables }, ...options });
}

test("run-gate: settings become arguments, the token reaches the gate alone", () => {
  const out = place(), perfgate = fake(join(out, "perfgate"), 'if [[ $1 != --version ]]; then exit 1; fi');
  const ran = run("run-gate", [], { PERFGATE: perfgate, GATE_OUT: out, GATE_GPU: "h100", GATE_ONLY: "*/o_proj\n$(id) *\n",
    GATE_BASELINE_REF: "origin/main", GATE_BASE_RUNNER: "/b/perfgate-runner", GATE_LOCK_CLOCKS: "true", GATE_CONFIG: "c.toml",
    GATE_POST: "summary,check", GATE_REQUIRE_POST: "true", GITHUB_TOKEN: "t" });
  assert.equal(ran.status, 1, ran.stderr);
  assert.deepEqual(calls(perfgate), [["token=none", "--version"],
    ["token=t", "--gpu", "h100", "--json", `${out}/result.json`, "--markdown", `${out}/report.md`, "--html", `${out}/report.html`,
      "--junit", `${out}/junit.xml`, "--output", `${out}/run.json`, "--only", "*/o_proj", "--only", "$(id) *", "--config", "c.toml",
      "--baseline-ref", "origin/main", "--base-runner", "/b/perfgate-runner", "--lock-clocks", "--post", "summary,check", "--require-post"]]);
});

test("run-gate: without settings nothing is asked for, and an old result does not stay", () => {
  const out = place(), perfgate = fake(join(out, "perfgate"));
  writeFileSync(join(out, "result.json"), "old");
  assert.equal(run("run-gate", [], { PERFGATE: perfgate, GATE_OUT: out }).status, 0);
  assert.deepEqual(calls(perfgate)[1].slice(0, 3), ["token=none", "--gpu", "auto"]);
  assert.equal(calls(perfgate)[1].length, 13);
  assert.ok(!existsSync(join(out, "result.json")));
});

test("run-gate: a perfgate that can't be built is no verdict, and a bad input is named", () => {
  const out = place(), perfgate = fake(join(out, "perfgate"), "exit 3");
  assert.equal(run("run-gate", [], { PERFGATE: perfgate, GATE_OUT: out }).status, 3);
  assert.equal(calls(perfgate).length, 1);
  writeFileSync(join(out, "result.json"), "old");
  for (const [name, value, said] of [["GATE_GPU", "../h100", /gpu is '\.\.\/h100': expected an id/],
    ["GATE_LOCK_CLOCKS", "yes", /lock-clocks is 'yes': expected true or false/]]) {
    const ran = run("run-gate", [], { PERFGATE: perfgate, GATE_OUT: out, [name]: value });
    assert.equal(ran.status, 3);
    assert.match(ran.stderr, said);
  }
  assert.ok(!existsSync(join(out, "result.json")));
});

test("an error of a script is one annotation, whatever it quotes", () => {
  const out = place();
  const ran = run("run-gate", [], { GITHUB_ACTIONS: "true", GATE_OUT: out, GATE_GPU: "a\n::set-env name=X::y%0A" });
  assert.match(ran.stderr, /^::error title=perfgate::run-gate: gpu is 'a%0A::set-env name=X::y%250A'/);
});

/** Makes perfgate-GPU.result/result.json of each GPU. */
function results(...gpus) {
  const path = place();
  for (const gpu of gpus) {
    mkdirSync(join(path, `perfgate-${gpu}.result`));
    writeFileSync(join(path, `perfgate-${gpu}.result/result.json`), "{}");
  }
  return path;
}
const result = (path, gpu) => join(path, `perfgate-${gpu}.result/result.json`);

test("publish-results: all GPUs in one call, the options behind them", () => {
  const path = results("h100", "h200", "a10"), perfgate = fake(join(path, "perfgate"));
  const ran = run("publish-results", [path, "h200", "h100", "--", "--require-post", "--artifact-url", "u"], { PERFGATE: perfgate, GITHUB_TOKEN: "t" });
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(calls(perfgate), [["token=none", "--version"],
    ["token=t", "publish", result(path, "h200"), result(path, "h100"), "--require-post", "--artifact-url", "u"]]);
});

test("publish-results: one that is missing, or a link, is no verdict, and nothing is posted", () => {
  const path = results("h100", "h200"), perfgate = fake(join(path, "perfgate"));
  rmSync(result(path, "h200"));
  symlinkSync(result(path, "h100"), result(path, "h200"));
  const ran = run("publish-results", [path, "h100", "h200", "l4"], { PERFGATE: perfgate });
  assert.equal(ran.status, 3);
  assert.match(ran.stderr, /no result of h200 l4 in .*: see the job of that GPU; nothing was posted/);
  assert.ok(!existsSync(`${perfgate}.calls`));
  for (const words of [[path], [path, "--"], [path, "../h100"]]) assert.equal(run("publish-results", words, { PERFGATE: perfgate }).status, 3);
});

/** Makes a clone with the scripts, two commits on main and one on a branch, and the remote that it came from. */
function repository() {
  const path = place(), work = join(path, "work"), bare = join(path, "bare.git");
  mkdirSync(join(work, "baselines"), { recursive: true });
  cpSync(join(root, "ci"), join(work, "ci"), { recursive: true });
  writeFileSync(join(work, "baselines/h100.toml"), "old\n");
  const git = (...words) => {
    const ran = spawnSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...words], { cwd: work, encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.trim();
  };
  git("init", "--quiet", "--initial-branch", "main");
  git("add", "-A");
  git("commit", "--quiet", "-m", "one");
  git("clone", "--quiet", "--bare", ".", bare);
  git("remote", "add", "origin", bare);
  return { path, work, bare, git };
}

test("build-base: the commit where both part, the runner that it builds, and no second build", () => {
  const { path, work, git } = repository();
  const base = git("rev-parse", "HEAD");
  git("commit", "--quiet", "--allow-empty", "-m", "main moved on");
  git("switch", "--quiet", "--create", "change", base);
  git("commit", "--quiet", "--allow-empty", "-m", "change");
  const bin = join(path, "bin");
  mkdirSync(bin);
  const nvcc = fake(join(bin, "nvcc"), 'echo "release 13.0, V13.0.88"');
  const cmake = fake(join(bin, "cmake"), 'pwd >&2; mkdir -p build/release/bin; git rev-parse HEAD > build/release/bin/perfgate-runner; chmod +x build/release/bin/perfgate-runner');
  const variables = { PATH: `${bin}:${process.env.PATH}`, CUDACXX: nvcc };
  const key = run("build-base", ["--key", "main"], variables, { root: work });
  assert.match(key.stdout, new RegExp(`^perfgate-base-${base}-[0-9a-f]{16}\\n$`), key.stderr);
  const ran = run("build-base", ["main"], variables, { root: work });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout.trim(), join(work, "build/base/perfgate-runner"));
  assert.equal(readFileSync(ran.stdout.trim(), "utf8").trim(), base);
  assert.ok(!existsSync(join(work, "build/base-source")));
  const before = calls(cmake).length;
  assert.equal(run("build-base", ["main"], variables, { root: work }).stdout, ran.stdout);
  assert.equal(calls(cmake).length, before, "built once");
  writeFileSync(nvcc, '#!/bin/sh\necho "release 13.1, V13.1.1"\n');
  assert.notEqual(run("build-base", ["--key", "main"], variables, { root: work }).stdout, key.stdout, "another toolkit, another key");
  fake(cmake, "echo broken; exit 1");
  const broken = run("build-base", ["main"], variables, { root: work });
  assert.equal(broken.status, 3);
  assert.match(broken.stderr, /broken[^]*could not be built \(build\/base\.log\); base-build: false/);
  for (const [words, said] of [[["nowhere"], /'nowhere' and HEAD have no commit in common.*fetch-depth: 0/], [[""], /base-build needs baseline-ref/], [["--upload-pack=x"], /usage/]]) {
    const bad = run("build-base", words, variables, { root: work });
    assert.equal(bad.status, 3);
    assert.match(bad.stderr, said);
  }
});

test("refresh-baseline: the new file and what changed; perfgate's exit code", () => {
  const { path, work } = repository();
  const perfgate = fake(join(path, "perfgate"), 'if [[ $1 == baseline ]]; then echo new > baselines/h100.toml; echo "o_proj +3 %"; fi');
  const out = join(path, "out");
  const variables = { PERFGATE: perfgate, GATE_OUT: out, GATE_GPU: "h100", GATE_ACCEPT: "a/b", GATE_WHY: "larger tile", GATE_LOCK_CLOCKS: "false" };
  const ran = run("refresh-baseline", [], variables, { root: work, cwd: work });
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(calls(perfgate)[1].slice(1), ["baseline", "refresh", "--gpu", "h100", "--accept", "a/b", "--why", "larger tile"]);
  assert.equal(readFileSync(join(out, "h100.toml"), "utf8"), "new\n");
  assert.equal(readFileSync(join(out, "changes.txt"), "utf8"), "o_proj +3 %\n");
  fake(perfgate, "[[ $1 != baseline ]] || exit 3");
  assert.equal(run("refresh-baseline", [], variables, { root: work, cwd: work }).status, 3);
  assert.ok(!existsSync(join(out, "h100.toml")));
});

test("propose-baseline: a branch with the file, and a pull request that shows the changes as text", () => {
  const { path, work, bare, git } = repository();
  const bin = join(path, "bin"), out = join(path, "out");
  for (const one of [bin, out]) mkdirSync(one);
  const gh = fake(join(bin, "gh"), `cp "\${@: -1}" "${path}/body"`), perfgate = fake(join(path, "perfgate"));
  writeFileSync(join(out, "h100.toml"), "new\n");
  writeFileSync(join(out, "changes.txt"), "o_proj +3 %\n```\n@team\n");
  const variables = { PATH: `${bin}:${process.env.PATH}`, PERFGATE: perfgate, GITHUB_RUN_ID: "7", GITHUB_TOKEN: "t" };
  const propose = () => run("propose-baseline", [out, "h100", "main"], variables, { root: work });
  const ran = propose();
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(calls(perfgate), [["token=none", "baseline", "lint", join(out, "h100.toml")]]);
  assert.equal(git("--git-dir", bare, "show", "perfgate/baseline-h100-7:baselines/h100.toml"), "new");
  assert.deepEqual(git("--git-dir", bare, "diff", "--name-only", "main", "perfgate/baseline-h100-7"), "baselines/h100.toml");
  assert.deepEqual(calls(gh)[0].slice(1, 7), ["pr", "create", "--base", "main", "--head", "perfgate/baseline-h100-7"]);
  assert.match(readFileSync(join(path, "body"), "utf8"), /\n\n {4}o_proj \+3 %\n {4}```\n {4}@team\n$/);

  git("switch", "--quiet", "main");
  writeFileSync(join(out, "h100.toml"), "old\n");
  const same = propose();
  assert.equal(same.status, 0, same.stderr);
  assert.match(same.stdout, /no pull request is needed/);
  fake(perfgate, "exit 2");
  assert.equal(propose().status, 3);
  assert.equal(calls(gh).length, 1);
});

test("common.sh: every CI shows itself by a mark, and a shell by none", () => {
  const { PATH } = process.env;
  const mark = (variables) =>
    spawnSync("bash", ["-c", "source ci/common.sh && ci_mark"], { cwd: root, encoding: "utf8", env: { PATH, ...variables } }).stdout.trim();
  for (const name of ["CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "JENKINS_URL"])
    assert.equal(mark({ [name]: "x" }), name);
  assert.equal(mark({ CI: "" }), "");
});
