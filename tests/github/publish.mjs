// SPDX-License-Identifier: Apache-2.0
// Runs `perfgate publish` as a workflow step would: on a real result, with an event, without a socket.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedRecording } from "../changed_recording.mjs";
import { perfgate, root } from "../program.mjs";

export const folder = mkdtempSync(join(tmpdir(), "perfgate-github-"));
export const cleanUp = () => rmSync(folder, { recursive: true, force: true });
export const token = "ghs_doNotShowThisToken000000000000000000";
/** The commit that GitHub tests for a pull request: never the one to post to. */
export const mergeCommit = "9".repeat(40);

const examples = createRequire(import.meta.url)("@octokit/webhooks-examples/api.github.com/index.json");

/** Returns a copy of the first example payload of an event for which `wanted` holds. */
export function payload(event, wanted = () => true) {
  const found = examples.find((one) => one.name === event).examples.find(wanted);
  if (!found) throw new Error(`@octokit/webhooks-examples has no such ${event}`);
  return structuredClone(found);
}

function run(words, variables = {}) {
  const { PATH, HOME, ASAN_OPTIONS } = process.env;
  const ran = spawnSync(perfgate, words, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28,
    env: { PATH, HOME, ...(ASAN_OPTIONS && { ASAN_OPTIONS }), ...variables } });
  if (ran.error) throw ran.error;
  return ran;
}

/** Makes the shipped recording's result, and that of a copy with two slower kernels, one `hostileName`. */
export function results(hostileName = "other_kernel") {
  const written = (name, ...words) => {
    const file = join(folder, name), ran = run([...words, "--json", file, "--quiet"]);
    if (![0, 1, 3].includes(ran.status)) throw new Error(ran.stderr);
    return file;
  };
  return {
    passed: written("passed.json", "compare", "tests/recordings/h200.json"),
    failed: written("failed.json", "compare", changedRecording(folder, hostileName)),
  };
}

/** Runs `perfgate publish FILES WORDS` in a step of the workflow that `event` started. */
export function step(files, { event, name, variables, words = [] }) {
  const eventPath = join(folder, "event.json");
  writeFileSync(eventPath, JSON.stringify(event));
  const repository = event.repository.full_name;
  // The recordings are of another commit than the examples' events.
  return run(["publish", ...files, "--force", ...words], { CI: "true", GITHUB_ACTIONS: "true", GITHUB_TOKEN: token,
    GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: eventPath, GITHUB_REPOSITORY: repository, GITHUB_SHA: mergeCommit,
    GITHUB_RUN_ID: "4711", GITHUB_SERVER_URL: "https://github.com", GITHUB_API_URL: "https://api.github.com", ...variables });
}

/** Does the same with --dry-run, and returns the requests that it would send. */
export function publish(files, { words = [], ...where }) {
  const ran = step(files, { ...where, words: ["--dry-run", ...words] });
  let requests;
  try {
    requests = JSON.parse(ran.stdout);
  } catch {
    requests = undefined;  // the caller says what it expected
  }
  return { ...ran, requests };
}

export const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
