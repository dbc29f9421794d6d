// A real browser for the tests. Where there is none the tests fail: a skipped test would look like a passed one.

import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function findBrowser(): string {
  const wanted = process.env["CHROMIUM"];
  if (wanted) return wanted;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not here; the next folder.
      }
    }
  }
  throw new Error("The browser tests need Chromium: install it, or name it in CHROMIUM");
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findBrowser(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Collects what must not happen on a page: errors, and anything its security policy refused. */
export function watchTrouble(page: Page): string[] {
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // The browser reports each failed request; tests that refuse requests on purpose know about those.
    if (!message.text().startsWith("Failed to load resource")) trouble.push(message.text());
  });
  return trouble;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  nodes: Array<{ target: unknown; failureSummary: string }>;
}

/** What axe finds wrong on the page, in few words. */
export async function axeViolations(page: Page): Promise<string[]> {
  // Colours are judged as they end up, not in the middle of appearing.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  await page.waitForTimeout(250);
  await page.evaluate(AXE);
  const violations = (await page.evaluate("axe.run().then((result) => result.violations)")) as Violation[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${JSON.stringify(target)} ${failureSummary}`),
  );
}
