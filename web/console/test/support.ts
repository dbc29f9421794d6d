// A browser, a fake server, and a page of the console on it. Whatever must not happen on a page fails its test.

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchBrowser, watchTrouble } from "../../testing/browser.js";
import { ConsoleServer, type Options } from "../../testing/console-server.js";

export interface Stage {
  browser: Browser;
  server: ConsoleServer;
  open: (path?: string, options?: Opening) => Promise<Page>;
}

interface Opening extends BrowserContextOptions {
  /** 0 is full, 1 is one where we are viewers, 2 is empty, 3 is that of a tenant’s admin. */
  environment?: number;
}

/** Sets the stage for the tests of a file: each begins signed in, on data as they were made. */
export function stage(options: Options = {}): Stage {
  const trouble: string[][] = [];
  const all = {} as Stage;
  beforeAll(async () => {
    all.browser = await launchBrowser();
  });
  afterAll(() => all.browser?.close());
  afterEach(async () => {
    for (const context of all.browser.contexts()) await context.close();
    await all.server?.stop();
    expect(trouble.splice(0).flat()).toEqual([]);
  });
  all.open = async (path = "/", { environment = 0, ...context } = {}) => {
    const page = await (await all.browser.newContext(context)).newPage();
    page.setDefaultTimeout(10_000);
    trouble.push(watchTrouble(page));
    const { id } = all.server.environments[environment]!;
    await page.addInitScript((kept) => {
      if (location.protocol !== "http:" || localStorage.getItem("campanile-environment")) return;
      localStorage.setItem("campanile-environment", kept);
    }, id);
    await page.goto(all.server.url + path);
    return page;
  };
  beforeEachServer(all, options);
  return all;
}

function beforeEachServer(all: Stage, options: Options): void {
  // A server of its own for each test: what one changes, the next does not see.
  beforeEach(async () => {
    all.server = await ConsoleServer.start({ signedIn: true, deliveries: 300, ...options });
  });
}

/** The page stands: its title is there and nothing is being read. */
export async function stands(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: "detached" });
}

export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent ?? "";
  });
