import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { axeViolations, launchBrowser, watchTrouble } from "../../testing/browser.js";
import { serveDemo } from "../../testing/demo-routes.js";
import { FakeServer } from "../../testing/fake-server.js";

let browser: Browser;
let server: FakeServer;
const trouble: string[][] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  trouble.length = 0;
  server = await FakeServer.start();
  serveDemo(server, fileURLToPath(new URL("../../dist", import.meta.url)));
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server.stop();
  expect(trouble.flat()).toEqual([]);
});

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  trouble.push(watchTrouble(page));
  await page.goto(`${server.url}/demo/`);
  await page.locator("campanile-bell #bell").waitFor();
  return page;
}

test("every button rings the bell, reaches the receiver and stands in the log", async () => {
  const page = await open();
  for (const [at, kind] of ["comment", "deploy", "incident", "invoice"].entries()) {
    await page.locator(`[data-kind=${kind}]`).click();
    await page.locator(`[data-kind=${kind}] code.done`).waitFor();
    await page.locator("campanile-bell .badge", { hasText: String(at + 1) }).waitFor();
  }
  await page.locator("#received .row", { hasText: "incident.opened" }).waitFor();
  expect(await page.locator("#received .row").count()).toBe(4);
  expect(await page.locator("#received .tag.good").allTextContents()).toEqual(Array(4).fill("verified"));
  expect(await page.locator("#deliveries .row").first().textContent()).toContain("sent 200");
  await page.locator("#received .row").first().locator("summary").click();
  expect(await page.locator("#received .row pre").first().textContent()).toContain('"type": "invoice.ready"');
});

test("an opened entry stays open while others come in", async () => {
  const page = await open();
  await page.locator("[data-kind=comment]").click();
  await page.locator("#received summary").click();
  await page.locator("[data-kind=deploy]").click();
  await page.locator("#received .row", { hasText: "deploy.finished" }).waitFor();
  expect(await page.locator("#received details[open]").count()).toBe(1);
});

test("the second tab is in step with the first", async () => {
  const page = await open();
  const [second] = await Promise.all([page.context().waitForEvent("page"), page.locator("#second").click()]);
  await page.locator("[data-kind=comment]").click();
  await second.locator("campanile-bell .badge", { hasText: "1" }).waitFor();
  await second.locator("campanile-bell #bell").click();
  await second.locator("campanile-bell .dismiss").click();
  await page.locator("campanile-bell .badge").waitFor({ state: "detached" });
});

test("another user has another bell", async () => {
  const page = await open();
  await page.locator("[data-kind=comment]").click();
  await page.locator("campanile-bell .badge").waitFor();
  await page.locator("#user").selectOption("ben");
  await page.waitForURL("**user=ben**");
  await page.locator("campanile-bell #bell").waitFor();
  expect(await page.locator("campanile-bell .badge").count()).toBe(0);
});

test("commands can be copied; the theme can be switched and is kept", async () => {
  const page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
  await page.getByRole("button", { name: "Copy: Publish an event" }).click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("/apps/belfry/events");
  await page.getByRole("button", { name: "Switch to dark" }).click();
  await page.reload();
  await page.getByRole("button", { name: "Switch to light" }).waitFor();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
});

test("says so when the server does not answer", async () => {
  const page = await open();
  await page.route("**/demo/publish", (route) =>
    route.fulfill({ status: 503, json: { title: "Try later" } }),
  );
  await page.locator("[data-kind=deploy]").click();
  await page.locator("[data-kind=deploy] code.failed", { hasText: "Try later" }).waitFor();
});

test.each([
  ["light", 1440],
  ["dark", 1440],
  ["light", 390],
  ["dark", 390],
] as const)("axe finds nothing wrong and nothing sticks out: %s at %i", async (colorScheme, width) => {
  const page = await open({ colorScheme, viewport: { width, height: 860 } });
  for (const kind of ["comment", "incident"]) await page.locator(`[data-kind=${kind}]`).click();
  await page.locator("#received .row").nth(1).waitFor();
  await page.waitForTimeout(1_700);
  expect(await axeViolations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
});
