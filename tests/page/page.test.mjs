// SPDX-License-Identifier: Apache-2.0
// Drives a browser over the HTML page, from file:// and without a network.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { close, open } from "./browser.mjs";
import { axeSource, changed, evil, large, passed, renamed, sparse } from "./pages.mjs";

const qkv = "llama-2-7b/b1/s1024/fp16/qkv_proj";
const slow = "llama-2-7b/b1/s1024/fp16/o_proj";
const names = (page) => page.locator("#rows tr th").allTextContents();
const cells = async (page, column) => (await page.locator(`#rows tr td:nth-child(${column})`).allTextContents()).map(Number);

test("the verdict comes first, then every case", async () => {
  const page = await open(passed);
  assert.equal(await page.locator("h1").innerText(), "PASS NVIDIA H200");
  assert.match(await page.locator(".banner").innerText(), /^REPLAY of a recorded run/);
  assert.match(await page.locator(".sentence").innerText(), /44 passed/);
  assert.equal((await names(page)).length, 44);
  await close(page);
});

test("the landing plot has every case, the worst first, and opens one", async () => {
  const page = await open(changed);
  const rows = page.locator("#changes-rows a");
  assert.equal(await rows.count(), 44);
  assert.equal(await rows.first().getAttribute("class"), "regressed");
  assert.match(await rows.first().locator(".number").innerText(), /^\+(19|20)\.\d %$/);
  const changes = await page.locator("#changes-rows a.pass .number").allTextContents();
  const numbers = changes.map((text) => parseFloat(text));
  assert.deepEqual(numbers, [...numbers].sort((a, b) => b - a));
  // What it draws: the estimate of the first row stands right of its tolerance, in the verdict's colour.
  const edge = (part) => rows.first().locator(`.${part}`).evaluate((node) => node.getBoundingClientRect().right);
  assert.ok((await edge("estimate")) > (await edge("tolerance")));
  const colours = await page.locator("#changes-rows a").evaluateAll((list) => [list[0], list.at(-1)].map((row) => getComputedStyle(row.querySelector(".estimate")).fill));
  assert.notEqual(colours[0], colours[1]);
  await rows.first().click();
  assert.ok(await page.locator("#detail-title").isVisible());
  assert.ok(await page.locator("#changes").isHidden());
  await close(page);
});

test("no text of the landing plot is cut at 360 pixels", async () => {
  const page = await open(changed, { viewport: { width: 360, height: 740 } });
  const cut = await page.locator("#changes-rows .name, #changes-rows .number").evaluateAll((list) =>
    list.filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== "inline").map((node) => node.textContent));
  assert.deepEqual(cut, []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await close(page);
});

test("a narrow window shows the verdict and what it rests on without scrolling sideways", async () => {
  for (const width of [360, 870]) {
    const page = await open(changed, { viewport: { width, height: 900 } });
    const right = (selector) => page.locator(selector).evaluateAll((list) => Math.max(...list.map((node) => node.getBoundingClientRect().right)));
    assert.ok((await right("#rows .verdict")) <= width);
    assert.ok((await right("#rows td.why p")) <= width);
    await close(page);
  }
});

test("the numbers of a counter keep their digits", async () => {
  const page = await open(changed, { hash: slow });
  const row = page.locator("table", { hasText: "The largest change first" }).locator("tbody tr", { hasText: "HBM bytes written" });
  // 8,704 and 14,080 bytes
  assert.deepEqual((await row.locator("td.number").allTextContents()).slice(0, 2), ["0.00870", "0.0141"]);
  await close(page);
});

test("nothing of a case's page is cut at 360 pixels, nor of the overview on paper", async () => {
  const cut = (page) => page.evaluate(() => [...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.getAttribute("aria-label")));
  for (const hash of [slow, "llama-2-7b/b1/s1024/fp16/layer", "llama-2-7b/b1/s1024/fp16/rotary"]) {
    const phone = await open(changed, { hash, viewport: { width: 360, height: 740 } });
    assert.deepEqual(await cut(phone), []);
    await close(phone);
  }
  const paper = await open(changed, { viewport: { width: 718, height: 1000 } });  // A4 with margins of 1 cm
  await paper.emulateMedia({ media: "print" });
  assert.equal(await paper.evaluate(() => document.documentElement.scrollWidth), 718);
  await close(paper);
});

test("counters stand by how much they changed, and say what is worse", async () => {
  const page = await open(changed, { hash: "llama-2-7b/b16/s1024/fp16/attention" });
  const rows = page.locator("table", { hasText: "The largest change first" }).locator("tbody tr");
  const changes = (await rows.locator("td:last-child").allTextContents()).map((text) => Math.abs(parseFloat(text))).filter((value) => !Number.isNaN(value));
  assert.ok(changes.length > 5 && changes[0] > 10, `${changes}`);
  const read = rows.filter({ hasText: "HBM bytes read" });
  assert.match(await read.locator("td:last-child").innerText(), /^\+2\d\.\d % worse$/);
  assert.match(await rows.filter({ hasText: "Executed IPC (elapsed)" }).locator("td:last-child").innerText(), /^-1\d\.\d % worse$/);
  await close(page);
});

test("the occupancy says what limits it", async () => {
  const page = await open(changed, { hash: slow });
  const rows = page.locator("table", { hasText: "Blocks that an SM holds at once" }).locator("tbody tr");
  // 80 registers of a thread leave room for 25 warps, and a block has 16; 18 KB of shared memory and
  // the system's 1 KB fit twelve times.
  assert.match(await rows.first().innerText(), /base\s4\s32\s1 \(limit\)\s12\s25\.0 %/);
  await close(page);
});

test("columns sort both ways, and say so", async () => {
  const page = await open(passed);
  const us = page.locator("#head th", { hasText: /^us/ });
  await us.getByRole("button").click();
  const down = await cells(page, 2);
  assert.deepEqual(down, [...down].sort((a, b) => b - a));
  assert.equal(await us.getAttribute("aria-sort"), "descending");
  await page.keyboard.press("Enter");  // the button kept the focus
  const up = await cells(page, 2);
  assert.deepEqual(up, [...down].reverse());
  assert.equal(await us.getAttribute("aria-sort"), "ascending");
  await close(page);
});

test("words and a verdict filter", async () => {
  const page = await open(changed);
  await page.fill("#filter", "attention b16");
  assert.deepEqual((await names(page)).sort(), ["llama-2-7b/b16/s1024/fp16/attention", "llama-3.1-8b/b16/s1024/fp16/attention"]);
  assert.equal(await page.locator("#count").innerText(), "2 of 44 cases");
  await page.fill("#filter", "");
  await page.selectOption("#verdict", "pass");
  const verdicts = await page.locator("#rows .verdict").allTextContents();
  assert.equal(verdicts.length, 40);
  assert.ok(verdicts.every((word) => word.includes("pass")));
  await close(page);
});

test("what needs attention stands on top, with its reason and its why", async () => {
  const page = await open(changed);
  // There are four cases, each with its reason below; then come those that passed.
  const rows = await page.locator("#rows tr").allInnerTexts();
  // The cause comes before the statistics.
  for (const i of [1, 3, 5, 7]) assert.match(rows[i], /^\s*[a-z ]+: .*code changed[^]*slower by/);
  assert.match(rows[rows.findIndex((row) => row.includes("attention")) + 1], /HBM bytes \+20\.\d\u00a0%/);
  for (const row of rows.slice(8)) assert.doesNotMatch(row, /code changed/);
  // The table needs no scrolling sideways.
  const table = page.getByRole("region", { name: "Table of cases" });
  assert.ok(await table.evaluate((node) => node.scrollWidth <= node.clientWidth));
  await close(page);
});

test("a case opens by keyboard, and the way back leads to its row", async () => {
  const page = await open(passed);
  await page.getByRole("link", { name: qkv }).first().focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "detail-title");
  assert.equal(await page.locator("#detail-title").innerText(), qkv);
  assert.ok(await page.locator("#cases").isHidden());
  await page.getByRole("button", { name: "All cases" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), qkv);
  assert.ok(await page.locator("#detail").isHidden());
  await close(page);
});

/** Returns for each canvas whether something is drawn on it. */
const painted = (page) => page.evaluate(() =>
  [...document.querySelectorAll("canvas")].map((canvas) =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte !== 0)));

test("each chart draws", async () => {
  const page = await open(changed, { hash: slow });
  await page.waitForTimeout(0);
  // The canvases are processes, samples, split and roofline.
  assert.deepEqual(await painted(page), [true, true, true, true]);
  for (const name of [/^Process statistics/, /^Samples/, /^Split of the change/, /^Roofline/])
    assert.equal(await page.getByRole("img", { name }).count(), 1);
  await close(page);
});

test("the layer is drawn as it ran where the record has it, with the step's kernel summary", async () => {
  const page = await open(changed, { hash: slow });
  const layer = page.getByRole("region", { name: "Parts of the group" });
  const lanes = layer.locator("svg > g");
  assert.deepEqual(await lanes.locator("> text").allTextContents(), ["base", "this run", "in a graph", "one by one"]);
  // Launched one by one, kernels are 2 us apart; in a graph there is nothing between them.
  const ends = async (lane) => {
    const box = (rect) => ({ x: Number(rect.getAttribute("x")), width: Number(rect.getAttribute("width")) });
    const boxes = await lanes.nth(lane).locator("rect").evaluateAll((rects, f) => rects.map(eval(f)), box.toString());
    return boxes.slice(1).map((next, i) => next.x - boxes[i].x - boxes[i].width);
  };
  const [none, some] = [await ends(2), await ends(3)];
  assert.ok(none.every((gap) => Math.abs(gap) < 0.6), `${none}`);
  assert.ok(some.every((gap) => gap > 5), `${some}`);
  const summary = page.locator("details", { hasText: "Kernel summary of a step of 2 repetitions, launched one by one" });
  await summary.locator("summary").click();
  assert.match(await summary.locator("tbody tr").first().innerText(), /\s2\s/);  // instances
  await close(page);
  const without = await open(changed, { hash: "llama-3.1-8b/b1/s1024/fp16/o_proj" });
  assert.match(await without.locator("#detail").innerText(), /the record has no start times/i);
  await close(without);
});

test("the memory chart has the counters' numbers, as sizes and as rates", async () => {
  const page = await open(passed, { hash: qkv });
  const picture = page.getByRole("img", { name: /^Memory chart/ });
  // 12288 x 4096 weights of two bytes are 100.66 MB; the counter's 100.69 is in the recording.
  assert.match(await picture.textContent(), /100\.7 MB/);
  await page.getByRole("button", { name: "throughputs" }).click();
  assert.match(await picture.textContent(), /3\.982 TB\/s/);  // 100.694 MB in 25.29 us
  assert.equal(await page.getByRole("button", { name: "throughputs" }).getAttribute("aria-pressed"), "true");
  await close(page);
});

test("a case with next to nothing has a page, too", async () => {
  for (const stage of ["kv_write", "layer"]) {
    const page = await open(passed, { hash: `llama-2-7b/b1/s1024/fp16/${stage}` });
    assert.match(await page.locator("#detail").innerText(), /bound by/);
    await close(page);
  }
});

test("what is not known is said as it is", async () => {
  const file = sparse();
  const expected = {
    o_proj: "Not drawn: no operations of the case were told or counted (the metric set roofline counts them).",
    qkv_proj: "Not known: this run has no duration of the case.",
    attention: "No launch of this case was recorded.",
    layer: "Made of other cases: it has no launches of its own.",
    kv_write: "Not drawn: the case needs no operations.",
  };
  for (const [part, sentence] of Object.entries(expected)) {
    const page = await open(file, { hash: `sparse/${part}` });
    const said = (await page.locator("#detail p").allTextContents()).filter((text) => Object.values(expected).includes(text));
    assert.deepEqual(said, [sentence]);
    await close(page);
  }
});

test("a group, a case and a metric may be called as what every object has", async () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    const file = renamed(["llama-2-7b/b16/s1024/fp16", name], ['"o_proj"', `"${name}"`], ['"id":"gpu_time"', `"id":"${name}"`]);
    const page = await open(file, { hash: `${name}/${name}` });
    const text = await page.locator("#detail").innerText();
    assert.match(text, /The record has no start times/);
    assert.match(text, /bound by/);
    await page.getByRole("button", { name: "All cases" }).click();
    await page.fill("#filter", `${name}/${name}`);
    assert.deepEqual(await names(page), [`${name}/${name}`]);
    await close(page);
    // A traced group keeps its timelines.
    const traced = await open(renamed(["llama-2-7b/b1/s1024/fp16", name]), { hash: `${name}/o_proj` });
    assert.match(await traced.locator("#detail").innerText(), /Kernel summary of a step/);
    await close(traced);
  }
});

test("dark and light, and a change between them", async () => {
  const page = await open(passed, { hash: qkv, colorScheme: "dark" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const brightness = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
  assert.ok(brightness(await paper()) < 60);
  await page.emulateMedia({ colorScheme: "light" });
  assert.ok(brightness(await paper()) > 200);
  assert.ok((await painted(page)).every(Boolean));
  await close(page);
});

test("nothing is wider than a phone of 360 pixels", async () => {
  for (const hash of ["", slow]) {
    const page = await open(changed, { hash, viewport: { width: 360, height: 740 } });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    assert.ok(await page.locator(hash ? "#detail-title" : "#rows .verdict").first().isVisible());
    await close(page);
  }
});

test("axe finds nothing serious", async () => {
  for (const colorScheme of ["light", "dark"])
    for (const hash of ["", slow]) {
      const page = await open(changed, { hash, colorScheme });
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() => axe.run());
      const serious = violations.filter((violation) => ["serious", "critical"].includes(violation.impact));
      assert.deepEqual(serious.map((violation) => [violation.id, violation.nodes.map((node) => node.html)]), []);
      await close(page);
    }
});

test("a hostile kernel name is text", async () => {
  const page = await open(changed, { hash: "llama-2-7b/b1/s1024/fp16/rotary" });
  assert.ok((await page.locator("#detail code").allTextContents()).includes(evil));
  assert.equal(await page.locator("img").count(), 0);
  await close(page);
});

test("the policy lets no other script run and nothing be fetched", async () => {
  const page = await open(passed);
  const outcome = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    const image = new Image();
    const loaded = await new Promise((done) => {
      image.onload = () => done(true);
      image.onerror = () => done(false);
      image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";
    });
    return { ran: window.ran === true, loaded };
  });
  assert.deepEqual(outcome, { ran: false, loaded: false });
  page.complaints = page.complaints.filter((text) => !text.includes("Content Security Policy"));
  await close(page);
});

test("paper has the table and no controls", async () => {
  const page = await open(passed);
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("#filter").isHidden());
  assert.ok(await page.locator("#rows tr").last().isVisible());
  assert.ok((await page.pdf()).length > 10000);
  await close(page);
});

test("ten thousand cases: a file of 20 MB at most; opening and filtering cost less than 2 s each", async () => {
  const file = large();
  assert.ok(statSync(file).size <= 20e6, `${statSync(file).size} bytes`);
  const page = await open(passed);
  // This is the time of the page's main thread, which does not depend on other users of the
  // machine.
  const tools = await page.context().newCDPSession(page);
  await tools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await tools.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === "ThreadTime").value;
  };
  const begin = [await busy(), performance.now()];
  await page.goto(`file://${file}`);
  const opened = [(await busy()) - begin[0], performance.now() - begin[1]];
  const before = await busy();
  await page.fill("#filter", "copy-99-");
  const filtered = (await busy()) - before;
  assert.equal(await page.locator("#count").innerText(), "44 of 10032 cases");
  console.log(`10,000 cases: ${(statSync(file).size / 1e6).toFixed(1)} MB, opened in ${opened[0].toFixed(2)} s of the main thread ` +
    `(${(opened[1] / 1000).toFixed(2)} s in all), filtered in ${filtered.toFixed(2)} s`);
  assert.ok(opened[0] < 2 && filtered < 2, `opened in ${opened[0]} s, filtered in ${filtered} s`);
  await close(page);
});
