// SPDX-License-Identifier: Apache-2.0
// Drives a browser over the page of a profile, which has no verdicts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { close, open } from "./browser.mjs";
import { axeSource, changed, profile } from "./pages.mjs";

test("a profile has neither verdicts nor columns without a number", async () => {
  const page = await open(profile());
  assert.deepEqual(await page.locator("#head th").allTextContents(), ["case", "us", "HBM %", "L2 %", "SM %", "IPC", "L2 hit %", "bound by"]);
  assert.equal(await page.locator("#verdict").count(), 0);
  assert.equal(await page.locator("#rows tr.reason").count(), 0);
  await close(page);
});

test("a profile begins with the timeline of an occurrence, a colour for each kernel", async () => {
  for (const width of [1280, 360]) {
    const page = await open(profile(), { viewport: { width, height: 900 } });
    const figure = page.locator("#timelines figure").first();
    assert.match(await figure.locator("figcaption").innerText(), /^llama-2-7b\/b1\/s1024\/fp16: \d+\.\d\d\sus from its first kernel to its last/);
    // Kernels of one name have one colour, and kernels of other names have others, in the list as in the lane.
    const colours = await figure.evaluate((node) => [...node.querySelectorAll("rect")].map((box) =>
      [box.textContent.split(" from ")[0].replace(/ [\d.]+ us,?$/, ""), getComputedStyle(box).fill]));
    const byName = new Map(colours);
    assert.ok(byName.size > 3);
    assert.equal(new Set(colours.map((pair) => pair.join())).size, byName.size);
    const swatches = await figure.locator(".swatch").evaluateAll((list) => list.map((node) => getComputedStyle(node).backgroundColor));
    assert.equal(new Set(swatches).size, swatches.length);
    assert.deepEqual(new Set(byName.values()), new Set(swatches));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    await figure.locator(".kernels a").first().click();
    assert.ok(await page.locator("#detail-title").isVisible());
    assert.ok(await page.locator("#timelines").isHidden());
    await close(page);
  }
  const judged = await open(changed);
  assert.equal(await judged.locator("#timelines").count(), 0);
  await close(judged);
});

test("axe finds nothing serious in the timeline", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open(profile(), { colorScheme });
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => axe.run("#timelines"));
    assert.deepEqual(violations.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => one.id), []);
    await close(page);
  }
});
