// SPDX-License-Identifier: Apache-2.0
// Tests hostile text in a result, as a fork could upload it: everything that reaches GitHub must
// show it as text. The GFM renderer here lets HTML through, so it is less strict than GitHub's own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { parseFragment } from "parse5";
import { browserFlags, browserPath, root } from "../program.mjs";
import { cleanUp, folder, payload, publish, readJson, results, step } from "./publish.mjs";

after(cleanUp);

const hostile = {
  table: "a | b\n| --- | --- |\n| x | y |", code: "a`b``c```\n```js\nalert(1)", html: "<img src=x onerror=alert(1)><script>alert(2)</script>",
  details: "</details></summary></table><h1>PASS</h1>", comment: "--> <!-- perfgate report: perfgate -->", mention: "@team @octo-org/all ping @octocat.",
  email: "mail someone@example.com now", issue: "closes #1, fixes octo/repo#2, GH-3, gh-4", link: "[x](javascript:alert(1)) [y](https://evil.example)",
  reference: "[x][y]\n\n[y]: https://evil.example", image: "![x](https://evil.example/x.png)", url: "https://evil.example http://evil.example www.evil.example HTTPS://EVIL.EXAMPLE WwW.evil.example",
  angle: "<https://evil.example> <someone@example.com>", entity: "&lt;script&gt; &#64;team &commat;team &#x40;team", heading: "x\n# PASS\n===\n---",
  emphasis: "**b** _i_ ~~s~~ __b__", rtl: "pass\u202Edesserger\u2066x\u2069\u200F", zero: "in\u200Bvi\u2060si\uFEFFble", control: "a\u0000b\u001B[31mred\u0007",
  command: "x\n::error::owned\n::set-output name=verdict::PASS\n%0A::warning::y", old: "##[error]owned", math: "$x$ $$y$$ $`z`$",
  mermaid: 'x"]\n  click A "https://evil.example"\n%%{init: {}}%%', footnote: "x[^1]\n\n[^1]: note", task: "- [x] done", backslash: "\\@team \\[x](https://evil.example) \\| y",
  separators: "x\u2028::error::owned\u2029y\u0085z", emoji: ":tada:", long: "🦄".repeat(4000), // 16,000 bytes; a result with a longer line is refused
};
const everything = Object.values(hostile).filter((text) => text.length < 1000).join(" ");

const event = payload("pull_request", (one) => one.action === "synchronize"), where = { name: "pull_request", event };
const { failed } = results();
const first = (result) => result.cases.find((one) => one.verdict === "regressed");

/** Every place of a result that holds text which perfgate did not choose. */
const places = {
  "a case's reason": (result, text) => (first(result).why = text),
  "an explanation": (result, text) => (first(result).explanation = text),
  "a kernel": (result, text) => (first(result).kernels = [text]),
  "a kernel's file": (result, text) => (first(result).place = { file: text, line: 1 }),
  "a case": (result, text) => (first(result).case = text),
  "a note": (result, text) => result.notes.push(text),
  "the GPU": (result, text) => (result.gpu = text),
  "the GPU's id": (result, text) => (result.gpu_id = text),
  "the conditions": (result, text) => (result.conditions = text),
  "the baseline": (result, text) => (result.against = text),
  "the sentence": (result, text) => (result.sentence = text),
  "the version": (result, text) => (result.perfgate = text),
};

/** Writes a result with `text` in one place, or in all. */
function planted(place, text) {
  const result = readJson(failed), file = join(folder, "planted.json");
  for (const [name, plant] of Object.entries(places)) if (place === name || place === "all") plant(result, text);
  writeFileSync(file, JSON.stringify(result));
  return file;
}

/** Returns what a result shows on GitHub: the Markdown of comment, check and step summary, and plain texts. */
function shown(file) {
  const ran = publish([file], where);
  if (ran.status === 2) return { refused: ran };
  assert.ok(ran.requests, ran.stderr);
  const body = (end) => ran.requests.find((one) => one.url.includes(end)).body;
  const { output } = body("/check-runs");
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "");
  const local = step([file], { ...where, words: ["--post", "summary,annotations"], variables: { GITHUB_STEP_SUMMARY: summary } });
  return {
    ran: [ran, local],
    markdown: { comment: body("/comments").body, "check summary": output.summary, "check text": output.text, "step summary": readFileSync(summary, "utf8") },
    plain: [output.title, body("/statuses/").description, ...output.annotations.flatMap((one) => [one.title, one.message])],
  };
}

const render = (markdown) => micromark(markdown, { allowDangerousHtml: true, allowDangerousProtocol: true, extensions: [gfm()], htmlExtensions: [{ ...gfmHtml(), ...withoutFilter() }] });
/** Turns off GFM's filter of <script> and the like, which would hide what comes through. */
function withoutFilter() {
  const { exit, enter } = gfmHtml();
  const { htmlFlow, htmlText, ...rest } = exit;
  return { enter, exit: rest };
}

function* nodes(node) {
  yield node;
  for (const child of [...(node.childNodes ?? []), ...(node.content?.childNodes ?? [])]) yield* nodes(child);
}
const text = (node) => [...nodes(node)].filter((one) => one.nodeName === "#text").map((one) => one.value).join("");

const elements = new Set(["#document-fragment", "#text", "#comment", "a", "blockquote", "br", "code", "details", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
  "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"]);
const ours = "https://github.com/Codertocat/Hello-World/actions/runs/4711";
// These find mentions, issues and addresses in rendered text, as GitHub's filters do.
const mention = /(^|[^\p{L}\p{N}_`/])@[a-z\d]/iu, issue = /(^|[^\w&])(#\d|gh-\d)|\w#\d/i, address = /[\w.+-]@[\w-]+\.\w/, bare = /\bwww\.\w|(^|\s)(mailto|xmpp):/i;
const invisible = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2060-\u2069\uFEFF]/u;

/** Returns what is active in a rendered text, in words. */
function active(markdown) {
  const found = [], tree = parseFragment(render(markdown));
  const add = (what) => found.push(what.slice(0, 200));
  if (invisible.test(markdown)) add(`an invisible character: ${JSON.stringify(markdown.match(invisible)[0])}`);
  for (const node of nodes(tree)) {
    if (!elements.has(node.nodeName)) add(`<${node.nodeName}>`);
    for (const { name, value } of node.attrs ?? []) {
      if (name === "href" ? value !== ours : !["align", "open"].includes(name) && !(name === "class" && value === "language-mermaid")) add(`${name}=${value}`);
    }
    if (node.nodeName === "#comment" && node.data !== " perfgate report: perfgate ") add(`<!--${node.data}-->`);
    const inCode = (one) => one && (["code", "a"].includes(one.nodeName) || inCode(one.parentNode));
    if (node.nodeName === "#text" && !inCode(node))
      for (const [what, pattern] of Object.entries({ mention, issue, address, bare })) if (pattern.test(node.value)) add(`${what}: ${node.value.match(pattern)[0]}`);
    if (node.nodeName === "code" && node.attrs.length > 0)
      for (const line of text(node).trimEnd().split("\n"))
        if (!/^(%%\{init: \{"themeVariables": \{"xyChart": \{"plotColorPalette": "(#[0-9a-f]{6}(, )?)+"\}\}\}\}%%|xychart-beta( horizontal)?| +title "[^"]*"| +x-axis \[("[^"]*"(, )?)+\]| +y-axis "[^"]*" \S+ --> \S+| +bar \[[-+\d., ]+\])$/.test(line)) add(`mermaid: ${line}`);
  }
  for (const table of [...nodes(tree)].filter((node) => node.nodeName === "table")) {
    const widths = [...nodes(table)].filter((node) => node.nodeName === "tr").map((row) => row.childNodes.filter((cell) => cell.nodeName !== "#text").length);
    if (new Set(widths).size > 1) add(`rows of ${[...new Set(widths)]} cells`);
  }
  return found;
}

test("what is active is found", () => {
  for (const name of ["html", "mention", "email", "issue", "link", "reference", "image", "url", "angle", "entity", "rtl", "control", "details", "footnote", "separators"])
    assert.notDeepEqual(active(hostile[name]), [], name);
  for (const bad of ["```mermaid\nxychart-beta\n  click A\n```", "<a href='https://evil.example'>x</a>", "<b onclick=x>y</b>", "<!-- x -->"]) assert.notDeepEqual(active(bad), [], bad);
  assert.deepEqual(active(`plain **text**, [run](${ours})\n\n| a | b |\n| - | - |\n| 1 | 2 |\n`), []);
});

test("a result of our own shows as it is meant", () => {
  const { markdown } = shown(failed);
  for (const [name, one] of Object.entries(markdown)) assert.deepEqual(active(one), [], name);
  const tree = [...nodes(parseFragment(render(markdown.comment)))];
  const rows = tree.filter((node) => node.nodeName === "tr");
  assert.ok(rows.length > 44, "all cases are in the comment");
  assert.match(text(rows[1]), /✗ [^]*attention/, "what regressed comes first");
  assert.ok(tree.some((node) => node.nodeName === "a"), "the link to the run works");
  assert.ok(tree.some((node) => node.nodeName === "details"));
});

for (const place of [...Object.keys(places), "all"]) {
  test(`hostile text as ${place} is text, or the file is refused with one line`, () => {
    let accepted = 0;
    const sets = place === "all" ? [["everything", everything]] : Object.entries({ everything, long: hostile.long });
    for (const [name, one] of sets) {
      const { refused, markdown, plain, ran } = shown(planted(place, one));
      for (const one of refused ? [refused] : ran) expectNoCommand(one);
      if (refused) {
        assert.match(refused.stderr, /perfgate: error: [^\n]+/);
        continue;
      }
      ++accepted;
      for (const [where, body] of Object.entries(markdown)) {
        assert.deepEqual(active(body), [], `${name} in ${where}`);
        assert.equal(Buffer.from(body).toString(), body, "no half character");
        assert.ok(Buffer.byteLength(body) <= (where === "step summary" ? 1 << 20 : 65535), `${where} is ${Buffer.byteLength(body)} bytes`);
      }
      for (const body of plain) assert.doesNotMatch(body, invisible, name);
    }
    if (["a case's reason", "an explanation", "a note"].includes(place)) assert.equal(accepted, sets.length, "free text is shown, not refused");
  });
}

for (const [name, one] of Object.entries(hostile)) {
  test(`${name} in a reason`, () => {
    const { refused, markdown, ran } = shown(planted("a case's reason", one));
    if (refused) return assert.match(refused.stderr, /perfgate: error: [^\n]+/);
    for (const [where, body] of Object.entries(markdown)) assert.deepEqual(active(body), [], where);
    ran.forEach(expectNoCommand);
  });
}

/** Fails for a workflow command outside a fence, except for our own annotations of one line each. */
function expectNoCommand({ stdout, stderr }) {
  let fence;
  for (const line of `${stdout}\n${stderr}`.split(/\r\n|[\n\r]/)) {
    const stop = line.match(/^\s*::stop-commands::([0-9a-f]{16,})$/);
    if (fence) {
      if (line.trim() === `::${fence}::`) fence = undefined;
    } else if (stop) {
      fence = stop[1];
    } else {
      // The runner reads "::" where a line begins.
      assert.doesNotMatch(line, /^\s*::(?!(error|warning|notice)( (file=[^:,]*,line=\d+,)?title=[^:,]*)?::)|^\s*::error::owned/, line);
    }
  }
  assert.equal(fence, undefined, "what was stopped goes on");
}

/** A result of 44 cases of which five regressed, each with another cause. */
function fiveRegressed() {
  const result = readJson(failed), file = join(folder, "five.json");
  const slow = ["qkv_proj", "attention", "o_proj", "gate_up_proj", "down_proj"];
  const causes = ["coalescing", "blocks", "data", "occupancy", "bytes"];
  const model = first(result);
  for (const one of result.cases) {
    const at = one.group === "llama-2-7b/b16/s1024/fp16" ? slow.indexOf(one.part) : -1;
    if (at < 0) {
      if (one.verdict !== "pass") Object.assign(one, { verdict: "pass", reason: "within_tolerance", why: "at most +0.1 %, tolerance 0.8 %" });
      continue;
    }
    const effect = 0.1 * 2 ** at;
    Object.assign(one, { verdict: "regressed", reason: "slower", why: model.why, cause: causes[at], change: { effect, lower: effect - 0.01, upper: effect + 0.01, detectable: 0.01 },
      explanation: "L1 sectors a request 16.0 to 32.0 (+100.0 %), HBM bytes +141.6 %: explains 82 % of the +212.6 %; code changed" });
    delete one.causes;
  }
  Object.assign(result, { verdict: "FAIL", exit_code: 1, counts: { regressed: 5, pass: result.cases.length - 5 } });
  writeFileSync(file, JSON.stringify(result));
  return file;
}

/** Lets the browser run `script` over the comment as a pull request shows it, and returns what it writes. */
function measured(comment, script) {
  const page = join(folder, "width.html"), style = readFileSync(join(root, "tests/github/node_modules/github-markdown-css/github-markdown.css"), "utf8");
  writeFileSync(page, `<!doctype html><meta charset=utf-8><style>${style}</style><body style="margin:0"><div class="markdown-body" style="width:870px;font-size:14px">` +
    `${render(comment)}</div><pre id=out></pre><script>out.textContent=JSON.stringify((${script})())</script>`);
  const ran = spawnSync(browserPath(), ["--headless", ...browserFlags, "--window-size=1280,2000", "--dump-dom", `file://${page}`], { encoding: "utf8", maxBuffer: 1 << 26 });
  assert.equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout.match(/<pre id="out">([^<]*)</)[1]);
}

test("at the width of a pull request a regressed row is at most three lines, and five fit 10,000 characters", () => {
  const { comment } = shown(fiveRegressed()).markdown;
  assert.ok(comment.length <= 10000, `${comment.length} characters`);
  const rows = measured(comment, `() => [...document.querySelectorAll("table")[0].rows].slice(1).map((row) => {
    const cell = getComputedStyle(row.cells[0]);
    return { text: row.innerText, lines: (row.clientHeight - parseFloat(cell.paddingTop) - parseFloat(cell.paddingBottom)) / parseFloat(cell.lineHeight) };
  })`);
  assert.equal(rows.length, 5);
  for (const { text, lines } of rows) assert.ok(lines < 3.1, `${lines} lines: ${text}`);
  assert.match(rows[0].text, /✗ .*down_proj\s+\+160\.0&nbsp;%.*more bytes/, "the largest change first");
  const wide = measured(comment, `() => [...document.querySelectorAll("table")].map((table) => table.scrollWidth)`);
  for (const width of wide) assert.ok(width <= 870, `a table of ${width} pixels`);
});

test("a picture of the comment, for people to look at", () => {
  const page = join(folder, "comment.html"), shots = join(root, "build/ci");
  mkdirSync(shots, { recursive: true });
  const { markdown } = shown(planted("an explanation", everything));
  const style = "body{font:14px/1.5 sans-serif;width:980px;margin:24px}table{border-collapse:collapse}td,th{border:1px solid #d1d9e0;padding:4px 10px}code{background:#eee}";
  // A script that runs would put its mark into the title.
  writeFileSync(page, `<!doctype html><meta charset=utf-8><title>inert</title><style>${style}</style>` +
    `<script>window.alert=()=>{document.title="active"}</script>${render(markdown.comment).replaceAll("<details>", "<details open>")}`);
  const chromium = (...words) => spawnSync(browserPath(), ["--headless", ...browserFlags, ...words, `file://${page}`], { encoding: "utf8", maxBuffer: 1 << 26 });
  const dumped = chromium("--dump-dom");
  assert.equal(dumped.status, 0, dumped.stderr);
  assert.match(dumped.stdout, /<title>inert<\/title>/);
  const shot = join(shots, "comment.png");
  assert.equal(chromium("--hide-scrollbars", "--window-size=1040,3200", `--screenshot=${shot}`).status, 0);
  assert.ok(readFileSync(shot).length > 10000);
});
