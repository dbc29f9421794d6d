import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchBrowser, watchTrouble } from "../testing/browser.js";
import { HostPage } from "../testing/host-page.js";
import { RealServer } from "../testing/real-server.js";
export { eventually } from "../elements/test/support.js";

export interface Bell {
  page: Page;
  context: BrowserContext;
  button: Locator;
  badge: Locator;
  panel: Locator;
  rows: Locator;
  titles(): Promise<string[]>;
  /** The addresses of the live lines the page opened. */
  lines: URL[];
}

export interface Stage {
  server: RealServer;
  host: HostPage;
  browser: Browser;
  /** A user that nobody used before. */
  user(): Promise<string>;
  open(user: string, query?: Record<string, string>, options?: BrowserContextOptions): Promise<Bell>;
}

/** The browser says so of each line that it could not open. */
const NO_LINE = /^WebSocket connection to .* failed/;

/**
 * A real server, a host page on another origin and a browser. A test whose page had trouble fails; where the server goes
 * `away`, lines that cannot be opened are none.
 */
export function stage({ away = false } = {}): Stage {
  const on = {} as Stage;
  const trouble: string[][] = [];
  let users = 0;
  beforeAll(async () => {
    on.browser = await launchBrowser();
    on.host = await HostPage.start();
    on.server = await RealServer.start({ env: { CAMPANILE__SERVER__CORS_ORIGINS: on.host.origin } });
    const campanile = on.server.client();
    on.host.embed(campanile);
    await campanile.apps.create({ uid: "shop", name: "Shop" });
  });
  afterAll(async () => {
    await on.browser?.close();
    await on.host?.stop();
    await on.server?.dispose();
  });
  afterEach(async () => {
    for (const context of on.browser.contexts()) await context.close();
    const noted = trouble.splice(0).flat();
    expect(noted.filter((text) => !(away && NO_LINE.test(text)))).toEqual([]);
  });
  on.user = async () => {
    users += 1;
    const user = `user-${users}`;
    await on.server.client().users.put(user, { name: `User ${users}` });
    return user;
  };
  on.open = async (user, query = {}, options = {}) => {
    const context = await on.browser.newContext({ viewport: { width: 1000, height: 760 }, ...options });
    const page = await context.newPage();
    const lines: URL[] = [];
    page.on("websocket", (socket) => lines.push(new URL(socket.url())));
    trouble.push(watchTrouble(page));
    await page.goto(`${on.host.origin}/?${new URLSearchParams({ user, ...query })}`);
    return { ...bellOf(page), lines };
  };
  return on;
}

export function bellOf(page: Page): Bell {
  const bell = page.locator("campanile-bell");
  const rows = bell.locator("li[data-id]");
  return {
    page,
    context: page.context(),
    button: bell.locator("#bell"),
    badge: bell.locator("#bell .badge"),
    panel: bell.locator("#panel"),
    rows,
    titles: () => rows.locator(".main > span:last-child").allTextContents(),
    lines: [],
  };
}
