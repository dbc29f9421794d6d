import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchBrowser, watchTrouble } from "../../testing/browser.js";
import { serveFiles } from "../../testing/demo-routes.js";
import { FakeServer } from "../../testing/fake-server.js";
import type { FeedLog } from "../../testing/feed-log.js";

const folder = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export interface Host {
  page: Page;
  /** The bell's button; absent while the bell shows nothing. */
  button: Locator;
  panel: Locator;
  rows: Locator;
  titles(): Promise<string[]>;
  /** The events the host page heard, of one name. */
  heard(name: string): Promise<Array<Record<string, unknown>>>;
}

export interface Stage {
  server: FakeServer;
  log: FeedLog;
  open(query?: Record<string, string>, context?: BrowserContextOptions): Promise<Host>;
}

/** A fresh server and fresh pages for each test; fails a test whose page had trouble. */
export function stage(): Stage {
  let browser: Browser;
  const trouble: string[][] = [];
  const result = {} as Stage;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    trouble.length = 0;
    result.server = await FakeServer.start();
    serveFiles(result.server, "/host/", folder("./bell-host"));
    serveFiles(result.server, "/", folder("../../dist"));
    result.log = result.server.feed("ada");
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await result.server.stop();
    expect(trouble.flat()).toEqual([]);
  });
  result.open = async (query = {}, options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    const page = await context.newPage();
    trouble.push(watchTrouble(page));
    const params = new URLSearchParams({ token: result.server.token("ada"), stay: "", ...query });
    if (params.get("token") === "none") params.delete("token");
    await page.goto(`${result.server.url}/host/?${params}`);
    return hostOf(page);
  };
  return result;
}

function hostOf(page: Page): Host {
  const bell = page.locator("campanile-bell");
  const rows = bell.locator("li[data-id]");
  return {
    page,
    button: bell.locator("#bell"),
    panel: bell.locator("#panel"),
    rows,
    titles: () => rows.locator(".main > span:last-child").allTextContents(),
    heard: (name) =>
      page.evaluate(
        (wanted) =>
          (window as never as { heard: Array<{ name: string }> }).heard.filter((one) => one.name === wanted),
        name,
      ),
  };
}

/** Asks again until the answer is right, and gives it; shows the last one if it never is. */
export async function eventually<T>(ask: () => Promise<T> | T, check: (value: T) => void): Promise<T> {
  const end = Date.now() + 6_000;
  for (;;) {
    const value = await ask();
    try {
      check(value);
      return value;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
