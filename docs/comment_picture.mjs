#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Draws docs/comment.png: the comment on a pull request as GitHub shows it, of real recordings, with
// the browser and the stylesheet of the tests (ci/setup --page installs both). The chart of the
// comment is left out, because GitHub draws it itself, from a description.
//   PERFGATE=build/release/bin/perfgate node docs/comment_picture.mjs
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { cleanUp, payload, publish } from "../tests/github/publish.mjs";
import { browserFlags, browserPath, perfgate, root } from "../tests/program.mjs";

const from = (folder) => createRequire(join(root, `tests/${folder}/package.json`));
const load = (folder, name) => import(pathToFileURL(from(folder).resolve(name)));
const { chromium } = (await load("page", "playwright-core")).default;
const { micromark } = await load("github", "micromark");
const { gfm, gfmHtml } = await load("github", "micromark-extension-gfm");
const style = readFileSync(from("github").resolve("github-markdown-css/github-markdown-light.css"), "utf8");

const folder = mkdtempSync(join(tmpdir(), "perfgate-picture-"));
const recording = (name) => `tests/recordings/${name}.json`;

/** Judges a recording; a regression found is exit code 1. Returns the result's file. */
function judged(name, words, i) {
  const file = join(folder, `${i}.json`);
  try {
    execFileSync(perfgate, ["compare", recording(name), ...words, "--json", file, "--quiet"], { cwd: root, stdio: "pipe" });
  } catch (error) {
    if (error.status !== 1) throw error;
  }
  return file;
}

/** Two changes that were made on purpose, and the suite without one: all recorded on an H100. */
function comment() {
  const results = [["pairs/coalescing", "--against", recording("pairs/silu-base")], ["pairs/split", "--against", recording("pairs/split-base")], ["h100"]]
    .map(([name, ...words], i) => judged(name, words, i));
  const event = payload("pull_request", (one) => one.action === "synchronize");
  const { requests } = publish(results, { name: "pull_request", event });
  const { body } = requests.find((one) => one.url.includes("/comments")).body;
  return body.replace(/```mermaid\n[^]*?\n```\n/, "");
}

const html = micromark(comment(), { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
const file = join(folder, "comment.html");
writeFileSync(file, `<!DOCTYPE html><meta charset="utf-8"><style>${style}
body { margin: 0; padding: 16px; width: 838px; } </style><body class="markdown-body">${html}</body>`);
const browser = await chromium.launch({ executablePath: browserPath(), args: browserFlags });
const page = await browser.newPage({ viewport: { width: 870, height: 100 }, offline: true });
await page.goto(pathToFileURL(file).href);
await page.screenshot({ path: join(root, "docs/comment.png"), fullPage: true });
await browser.close();
rmSync(folder, { recursive: true });
cleanUp();
