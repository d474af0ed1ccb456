// SPDX-License-Identifier: Apache-2.0
// What the tests that run under Node.js share: the program under test, and a browser.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(import.meta.url), "../..");
export const perfgate = resolve(root, process.env.PERFGATE ?? join(root, "build/host/bin/perfgate"));

/** The browser; CHROMIUM names another one. Throws where there is none. */
export function browserPath() {
  const found = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (path) => path && existsSync(path));
  if (!found) throw new Error("no browser: install chromium, or name one with CHROMIUM");
  return found;
}

/** No window, no sandbox (CI is root), and no traffic of the browser's own. */
export const browserFlags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];
