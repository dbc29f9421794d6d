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
  /** A page with the bell. */
  open(query?: Record<string, string>, context?: BrowserContextOptions): Promise<Host>;
  /** A page with one of the other elements. */
  show(element: string, query?: Record<string, string>, context?: BrowserContextOptions): Promise<Shown>;
}

export interface Shown {
  page: Page;
  element: Locator;
  heard(name: string): Promise<Array<Record<string, unknown>>>;
  press(...keys: string[]): Promise<void>;
  /** The label or text of what has the keyboard. */
  focused(): Promise<string>;
  signIn(user: string): Promise<void>;
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
    serveFiles(result.server, "/page/", folder("./host"));
    serveFiles(result.server, "/", folder("../../dist"));
    result.log = result.server.feed("ada");
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await result.server.stop();
    expect(trouble.flat()).toEqual([]);
  });
  const visit = async (path: string, query: Record<string, string>, options: BrowserContextOptions) => {
    const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    const page = await context.newPage();
    trouble.push(watchTrouble(page));
    const params = new URLSearchParams({ token: result.server.token("ada"), ...query });
    if (params.get("token") === "none") params.delete("token");
    await page.goto(`${result.server.url}${path}?${params}`);
    return page;
  };
  result.open = async (query = {}, options = {}) =>
    hostOf(await visit("/host/", { stay: "", ...query }, options));
  result.show = async (element, query = {}, options = {}) =>
    shownOf(await visit("/page/", { element, ...query }, options), element, result.server);
  return result;
}

function shownOf(page: Page, element: string, server: FakeServer): Shown {
  return {
    page,
    element: page.locator(`campanile-${element}`),
    heard: (name) =>
      page.evaluate((wanted) => {
        const { heard } = window as never as { heard: Array<{ name: string; detail: object }> };
        return heard.filter((one) => one.name === wanted).map(({ detail }) => detail as never);
      }, name),
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    },
    focused: () =>
      page.evaluate(() => {
        const at = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
        const labels = (at as HTMLInputElement | null)?.labels;
        return (
          at?.getAttribute("aria-label") ?? labels?.[0]?.textContent?.trim() ?? at?.textContent?.trim() ?? ""
        );
      }),
    signIn: (user) =>
      page.evaluate(
        (token) => (window as never as { signIn(t: string): void }).signIn(token),
        server.token(user),
      ),
  };
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
