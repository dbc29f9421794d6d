// The readable side of the API's document, as the real server serves it.

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { axeViolations, launchBrowser, watchTrouble } from "../testing/browser.js";
import { RealServer } from "../testing/real-server.js";

let browser: Browser;
let server: RealServer;
const trouble: string[][] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await RealServer.start();
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(trouble.splice(0).flat()).toEqual([]);
});

async function open(hash = "", options: BrowserContextOptions = {}): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  trouble.push(watchTrouble(page));
  const answer = await page.goto(`${server.url}/api/v1/docs${hash}`);
  expect(answer?.headers()["content-security-policy"]).toContain("default-src 'none'");
  expect(answer?.headers()["content-security-policy"]).not.toContain("unsafe");
  await page.locator("details.operation").first().waitFor();
  return page;
}

const shown = (page: Page) => page.locator("details.operation:not([hidden])");

test("A06, A14: every operation of the document is there, and opens with everything in it", async () => {
  const page = await open();
  const said = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const wanted = Object.values(said.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  const ids = await shown(page).evaluateAll((all) => all.map((one) => one.id));
  expect(ids.sort()).toEqual(wanted.sort());
  expect(await page.locator("nav li").count()).toBe(wanted.length);
  // Three levels deep: `toggle` comes a moment later, and makes what is opened next.
  for (let level = 0; level < 3; level += 1) {
    await page.evaluate(() => {
      for (const one of document.querySelectorAll("details")) one.open = true;
    });
    await page.waitForTimeout(300);
  }
  expect(await page.locator(".example pre").count()).toBe(wanted.length);
  expect(await page.locator("main").textContent()).not.toMatch(/undefined|\[object|NaN/);
});

test("an address leads to its operation; its example works once there is a key", async () => {
  const page = await open("#apps_create", { permissions: ["clipboard-read", "clipboard-write"] });
  const card = page.locator("#apps_create");
  expect(await card.getAttribute("open")).not.toBeNull();
  await card.getByRole("button", { name: "Copy" }).click();
  await card.getByText("Copied").waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toContain(`curl "${server.url}/api/v1/apps"`);
  const body = /-d '(.*)'/.exec(command)![1]!;
  const { http } = server.client();
  expect(await http.create("/apps", JSON.parse(body))).toMatchObject({ uid: "shop" });
});

test("search and keys", async () => {
  const page = await open();
  await page.keyboard.press("/");
  await page.keyboard.type("post /webhooks");
  expect(await shown(page).count()).toBeGreaterThan(1);
  for (const text of await shown(page).locator(".path").allTextContents()) expect(text).toContain("webhooks");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await shown(page).nth(1).getAttribute("open")).not.toBeNull();
  await page.keyboard.press("/");
  await page.keyboard.type("no such thing");
  await page.getByText("Nothing is called “no such thing”.").waitFor();
  await page.keyboard.press("Escape");
  expect(await shown(page).count()).toBeGreaterThan(40);
});

test("says so when the document cannot be had", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.route("**/openapi.json", (route) => route.fulfill({ status: 503, body: "" }));
  await page.goto(`${server.url}/api/v1/docs`);
  await page.getByText("The API’s document could not be read: the server answered 503").waitFor();
});

test.each([
  ["light", 1440],
  ["dark", 1440],
  ["light", 768],
  ["light", 390],
  ["dark", 390],
] as const)("axe finds nothing wrong and nothing sticks out: %s at %i", async (colorScheme, width) => {
  const page = await open("#notifications_create", { colorScheme, viewport: { width, height: 860 } });
  await page.locator("#notifications_create .fields details summary").first().click();
  await page.locator("#notifications_create details.answer summary").first().click();
  await page.locator("#notifications_create .fields .fields li").first().waitFor();
  expect(await axeViolations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
});
