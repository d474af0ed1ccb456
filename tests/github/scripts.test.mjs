// SPDX-License-Identifier: Apache-2.0
// Tests the scripts behind action.yml and the workflows. Programs in place of perfgate and gh write
// down how they were called.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
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
      "--baseline-ref", "origin/main", "--base-runner", "/b/perfgate-runner", "--code-diff", `${out}/code.diff`, "--lock-clocks", "--post", "summary,check", "--require-post"]]);
});

test("run-gate: without settings nothing is asked for, and an old result does not stay", () => {
  const out = place(), perfgate = fake(join(out, "perfgate"));
  writeFileSync(join(out, "result.json"), "old");
  assert.equal(run("run-gate", [], { PERFGATE: perfgate, GATE_OUT: out }).status, 0);
  assert.deepEqual(calls(perfgate)[1].slice(0, 3), ["token=none", "--gpu", "auto"]);
  assert.equal(calls(perfgate)[1].length, 13);
  assert.ok(!existsSync(join(out, "result.json")));
});

test("run-gate: where the clone has the history of the GPU, the gate gets it", () => {
  const out = place(), repository = place(), perfgate = fake(join(out, "perfgate"));
  const git = (...words) => assert.equal(spawnSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", ...words]).status, 0);
  git("init", "-q");
  mkdirSync(join(repository, "history"));
  writeFileSync(join(repository, "history/h100.jsonl"), "a line\n");
  git("add", ".");
  git("commit", "-qm", "history");
  const last = (gpu) => {
    const ran = run("run-gate", [], { PERFGATE: perfgate, GATE_OUT: out, GATE_GPU: gpu, GATE_PROJECT: repository });
    assert.equal(ran.status, 0, ran.stderr);
    return calls(perfgate).at(-1);
  };
  assert.ok(!last("h100").includes("--history"));
  git("update-ref", "refs/remotes/origin/perfgate-history", "HEAD");
  assert.ok(!last("a100").includes("--history"));
  const words = last("h100");
  assert.equal(readFileSync(words[words.indexOf("--history") + 1], "utf8"), "a line\n");
});

test("keep-runs: a GPU without a run does not keep the others' from the history", () => {
  const out = place(), repository = place(), remote = place();
  // Two lines: `history add RUN --file FILE`.
  const perfgate = fake(join(out, "perfgate"), 'echo "of $3" >> "$5"');
  const git = (at, ...words) => assert.equal(spawnSync("git", ["-C", at, ...words]).status, 0);
  git(remote, "init", "-q", "--bare");
  git(repository, "init", "-q");
  git(repository, "remote", "add", "origin", remote);
  const runs = place();
  for (const gpu of ["h100", "b200"]) mkdirSync(join(runs, `perfgate-${gpu}`));
  for (const gpu of ["h100", "b200"]) writeFileSync(join(runs, `perfgate-${gpu}`, "run.json"), "{}");
  writeFileSync(join(runs, "perfgate-b200/result.json"), "{}");
  const ran = run("keep-runs", [runs, "h100", "a100", "b200"], { PERFGATE: perfgate, GATE_PROJECT: repository, GITHUB_TOKEN: "t" });
  assert.equal(ran.status, 3, ran.stderr);
  assert.match(ran.stderr, /no run of a100 was added/);
  const files = spawnSync("git", ["-C", remote, "ls-tree", "--name-only", "-r", "perfgate-history"], { encoding: "utf8" }).stdout;
  assert.deepEqual(files.trim().split("\n").sort(), ["history/b200.jsonl", "history/h100.jsonl"]);
  assert.deepEqual(calls(perfgate).map((words) => [words[0], words[1], words.includes("--result")]),
    [["token=none", "history", false], ["token=none", "history", true]]);
  symlinkSync("/etc/passwd", join(runs, "perfgate-a100"));
  assert.equal(run("keep-runs", [runs, "a100"], { PERFGATE: perfgate, GATE_PROJECT: repository }).status, 3);
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

test("no script prints a line of its input that GitHub would take for a command", () => {
  const path = results("h100"), perfgate = fake(join(path, "perfgate"));
  const variables = { GITHUB_ACTIONS: "true", PERFGATE: perfgate, GATE_OUT: join(path, "out") };
  for (const evil of ["x\n::warning::pwned", "x\r::warning::pwned", "x\n  ::add-mask::pwned", "x ##[error]pwned"])
    for (const [script, words, more] of [["run-gate", [], { GATE_GPU: evil }], ["run-gate", [], { GATE_LOCK_CLOCKS: evil }],
      ["refresh-baseline", [], { GATE_GPU: evil }], ["build-base", [evil], {}], ["publish-results", [path, evil], {}],
      ["publish-results", [`${path}/${evil}`, "h100"], {}], ["propose-baseline", [path, evil, "main"], {}]]) {
      const ran = run(script, words, { ...variables, ...more });
      assert.equal(ran.status, 3, `${script} ${JSON.stringify(evil)}: ${ran.stderr}`);
      const commands = ran.stderr.split(/[\r\n]/).filter((line) => /^\s*::|##\[/.test(line));
      assert.equal(commands.length, 1, ran.stderr);
      assert.match(commands[0], /^::error title=perfgate::/);
    }
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

const secret = "planted-secret-of-this-machine";

/** What an artifact may hold in place of a file that is expected at `file`, below `top`; nothing of it may be opened.
 * Each entry: a name, and what makes it; a function that returns false can't make it here. */
function hostileFiles(path) {
  const target = join(path, "secret.txt");
  writeFileSync(target, `${secret}\n`);
  const make = (program, ...words) => spawnSync(program, words).status === 0;
  const instead = (work) => (file) => {
    rmSync(file, { force: true });
    return work(file);
  };
  const wholeFolder = (work) => (file, top) => {
    const aside = join(path, "aside");
    rmSync(aside, { recursive: true, force: true });
    cpSync(top, aside, { recursive: true });
    rmSync(top, { recursive: true });
    return work(top, aside);
  };
  return [
    ["a link to a file", instead((file) => symlinkSync(target, file))],
    ["a link to the environment", instead((file) => symlinkSync("/proc/self/environ", file))],
    ["a relative link", instead((file) => symlinkSync("../../secret.txt", file))],
    ["a link to a link", instead((file) => { symlinkSync(target, `${file}.next`); symlinkSync(`${file}.next`, file); })],
    ["a link to nothing", instead((file) => symlinkSync("/none", file))],
    ["a link to itself", instead((file) => symlinkSync(file, file))],
    ["a link to zeros without end", instead((file) => symlinkSync("/dev/zero", file))],
    ["a link to standard input", instead((file) => symlinkSync("/dev/stdin", file))],
    ["a hard link", instead((file) => linkSync(target, file))],
    ["a FIFO", instead((file) => make("mkfifo", file))],
    ["a device", instead((file) => make("mknod", file, "c", "1", "5"))],
    ["a socket", instead((file) => make("python3", "-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", file))],
    ["a folder", instead((file) => mkdirSync(file))],
    ["a sparse file of 8 GB", instead((file) => make("truncate", "--size", "8G", file))],
    ["a file one byte too long", instead((file) => make("truncate", "--size", String((32 << 20) + 1), file))],
    ["a name with a newline", instead((file) => writeFileSync(`${file}\n`, secret))],
    ["a name with a newline before it", instead((file) => writeFileSync(join(dirname(file), `\n${basename(file)}`), secret))],
    ["another case of the name", instead((file) => writeFileSync(join(dirname(file), basename(file).toUpperCase()), secret))],
    ["nothing", instead(() => true)],
    ["its folder as a link", wholeFolder((top, aside) => symlinkSync(aside, top))],
    ["its folder as a file", wholeFolder((top) => writeFileSync(top, secret))],
    ["its folder as a link to /proc/self", wholeFolder((top) => symlinkSync("/proc/self", top))],
  ];
}

test("publish-results: whatever stands in place of a result is refused, and nothing of it is printed", () => {
  let tried = 0;
  for (const [name, make] of hostileFiles(place())) {
    const path = results("h100", "h200"), perfgate = fake(join(path, "perfgate"));
    if (make(result(path, "h200"), join(path, "perfgate-h200.result")) === false) continue;
    tried++;
    const ran = run("publish-results", [path, "h100", "h200"], { PERFGATE: perfgate, GITHUB_TOKEN: secret }, { cwd: place(), timeout: 20000, input: secret });
    assert.equal(ran.status, 3, `${name}: ${ran.stderr}`);
    assert.match(ran.stderr, /no result of h200 in /, name);
    assert.ok(!(ran.stdout + ran.stderr).includes(secret), name);
    assert.ok(!existsSync(`${perfgate}.calls`), name);
  }
  assert.ok(tried >= 19);
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
  assert.equal(calls(perfgate).length, 1);
  assert.deepEqual(calls(perfgate)[0].slice(0, 3), ["token=none", "baseline", "lint"]);
  assert.match(calls(perfgate)[0][3], /\/h100\.toml$/, "a copy, outside the artifact");
  assert.ok(!calls(perfgate)[0][3].startsWith(out));
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

test("commented-head: who may push gets the head that was there when the comment was made", () => {
  const bin = place(), sha = "0123456789abcdef0123456789abcdef01234567";
  const asked = (more = {}, pull = {}) => {
    const { permission = "write", state = "open", pushed = "2026-01-02T03:04:05Z" } = pull;
    fake(join(bin, "gh"), `case $2 in */permission) echo ${permission} ;; *) printf '%s\\t%s\\t%s\\tmain\\n' ${state} ${sha} '${pushed}' ;; esac`);
    return run("commented-head", [], { PATH: `${bin}:${process.env.PATH}`, GITHUB_REPOSITORY: "acme/kernels", COMMENTER: "ada", NUMBER: "7",
      COMMENTED: "2026-01-02T03:04:06Z", BODY: "/perfgate", ...more });
  };
  const ran = asked();
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout, `sha=${sha}\nbase=main\n`);
  assert.equal(asked({ BODY: "/perfgate 0123456789ab\r\nplease" }, { pushed: "2027-01-01T00:00:00Z" }).stdout, ran.stdout, "a head that is named");
  for (const [more, pull, said] of [
    [{}, { permission: "read" }, /ada may not push to acme\/kernels/], [{}, { permission: "none" }, /may not push/],
    [{}, { pushed: "2026-01-02T03:04:07Z" }, /something was pushed after the comment.*`\/perfgate 0123456789ab`/],
    [{}, { pushed: "-" }, /something was pushed/], [{}, { state: "closed" }, /is closed/],
    [{ BODY: "/perfgate fedcba9" }, {}, /the head is 0123456789ab, not fedcba9/],
    [{ BODY: "/perfgate; id" }, {}, /nothing was asked for/], [{ BODY: "/perfgatex" }, {}, /nothing was asked for/],
    [{ COMMENTER: "a/../b" }, {}, /no user's name/], [{ NUMBER: "7/x" }, {}, /expected a pull request's number/]]) {
    const refused = asked(more, pull);
    assert.equal(refused.status, 3, refused.stdout);
    assert.equal(refused.stdout, "");
    assert.match(refused.stderr, said);
  }
});

test("common.sh: every CI shows itself by a mark, and a shell by none", () => {
  const { PATH } = process.env;
  const mark = (variables) =>
    spawnSync("bash", ["-c", "source ci/common.sh && ci_mark"], { cwd: root, encoding: "utf8", env: { PATH, ...variables } }).stdout.trim();
  for (const name of ["CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "JENKINS_URL"])
    assert.equal(mark({ [name]: "x" }), name);
  assert.equal(mark({ CI: "" }), "");
});

/** Makes what propose-baseline needs; `out` is the artifact. */
function proposal() {
  const made = repository(), bin = join(made.path, "bin"), out = join(made.path, "artifact/out");
  for (const one of [bin, out]) mkdirSync(one, { recursive: true });
  writeFileSync(join(out, "h100.toml"), "new\n");
  writeFileSync(join(out, "changes.txt"), "o_proj +3 %\n");
  const gh = fake(join(bin, "gh"), `cp "\${@: -1}" "${made.path}/body"`);
  const variables = { PATH: `${bin}:${process.env.PATH}`, PERFGATE: fake(join(made.path, "perfgate")), GITHUB_RUN_ID: "7", GH_TOKEN: secret };
  return { ...made, out, gh, propose: () => run("propose-baseline", [out, "h100", "main"], variables, { root: made.work, timeout: 20000, input: secret }) };
}

test("propose-baseline: whatever stands in place of a file of the artifact is refused, and nothing of it is shown", () => {
  const path = place();
  let tried = 0;
  for (const file of ["h100.toml", "changes.txt"])
    for (const [name, make] of hostileFiles(path).filter(([kind]) => !kind.startsWith("its folder"))) {
      const { path: own, out, gh, git, propose } = proposal();
      if (make(join(out, file), out) === false) continue;
      tried++;
      const ran = propose();
      assert.equal(ran.status, 3, `${file}: ${name}: ${ran.stderr}`);
      assert.ok(!(ran.stdout + ran.stderr).includes(secret), name);
      assert.ok(!existsSync(`${gh}.calls`) && !existsSync(join(own, "body")), name);
      assert.equal(git("ls-remote", "origin", "refs/heads/perfgate/*"), "", name);
    }
  assert.ok(tried >= 30);
});

test("propose-baseline: what fails after the branch was made or pushed is no verdict, and says how far it came", () => {
  const noPush = proposal();
  writeFileSync(join(noPush.bare, "hooks/pre-receive"), "#!/bin/sh\nexit 1\n");
  chmodSync(join(noPush.bare, "hooks/pre-receive"), 0o755);
  const refused = noPush.propose();
  assert.equal(refused.status, 3, refused.stderr);
  assert.match(refused.stderr, /the branch perfgate\/baseline-h100-7 was not pushed/);
  const noRequest = proposal();
  fake(noRequest.gh, "echo 'not permitted' >&2; exit 1");
  const pushed = noRequest.propose();
  assert.equal(pushed.status, 3, pushed.stderr);
  assert.match(pushed.stderr, /not permitted[^]*was pushed, but gh opened no pull request/);
  noRequest.git("switch", "--quiet", "main");
  const again = noRequest.propose();
  assert.equal(again.status, 3, "the branch is there already");
});

test("refresh-baseline: a change log that can't be written is no verdict, never a regression", () => {
  const { path, work } = repository();
  const perfgate = fake(join(path, "perfgate"), 'if [[ $1 == baseline ]]; then echo new > baselines/h100.toml; echo "o_proj +3 %"; fi');
  const out = join(path, "out");
  mkdirSync(join(out, "changes.txt"), { recursive: true });
  const ran = run("refresh-baseline", [], { PERFGATE: perfgate, GATE_OUT: out, GATE_GPU: "h100" }, { root: work, cwd: work });
  assert.equal(ran.status, 3, ran.stderr);
});
