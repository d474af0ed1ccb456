// SPDX-License-Identifier: Apache-2.0
// The browser of a test file over a page that perfgate writes.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { browserFlags, browserPath } from "../program.mjs";

let browser;
before(async () => {
  // No folder of profiles is named, so each launch gets a fresh one and removes it.
  browser = await chromium.launch({ executablePath: browserPath(), args: browserFlags });
});
after(() => browser?.close());

/** Opens an offline page that fails the test for a console message, an error or a request of any kind. */
export async function open(file, { hash = "", ...settings } = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, offline: true, ...settings });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => page.complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => page.complaints.push(error.stack));
  page.on("dialog", (dialog) => page.complaints.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith("file://")) page.complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${file}${hash && `#${encodeURIComponent(hash)}`}`);
  return page;
}

export async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}
