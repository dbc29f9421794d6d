// What `make run` shows, in a real browser.

import { execFile } from "node:child_process";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { axeViolations, launchBrowser, watchTrouble } from "../testing/browser.js";
import { RealServer } from "../testing/real-server.js";
import { eventually } from "./support.js";

const KINDS = {
  comment: "comment.created",
  deploy: "deploy.finished",
  incident: "incident.opened",
  invoice: "invoice.ready",
};

let browser: Browser;
let server: RealServer;
const trouble: string[][] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await RealServer.start({ demo: true });
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(trouble.splice(0).flat()).toEqual([]);
});

async function open(user: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  trouble.push(watchTrouble(page));
  page.on("response", (response) => {
    if (response.status() >= 400) trouble.push([`${response.status()} ${response.url()}`]);
  });
  await page.goto(`${server.url}/demo/?user=${user}`);
  await page.locator("campanile-bell #bell").waitFor();
  return page;
}

test("the server's own address is the console's, beside the demo", async () => {
  const page = await (await browser.newContext()).newPage();
  const answer = await page.goto(server.url);
  expect([answer?.status(), await page.title()]).toEqual([200, expect.stringContaining("Campanile")]);
});

const badge = (page: Page, number: number) =>
  page.locator("campanile-bell .badge", { hasText: new RegExp(`^\\s*${number}\\s*$`) }).waitFor();

test("every button rings the bell, arrives at the receiver verified, and stands in the log", async () => {
  const page = await open("ada");
  for (const [at, [kind, type]] of Object.entries(KINDS).entries()) {
    await page.locator(`[data-kind=${kind}]`).click();
    await page.locator(`[data-kind=${kind}] code.done`).waitFor();
    await badge(page, at + 1);
    await page.locator("#received .row", { hasText: type }).first().waitFor();
    await page.locator("#deliveries .row", { hasText: type }).filter({ hasText: "sent 204" }).waitFor();
  }
  // Each press is two events: what happened, and that somebody was told of it.
  await eventually(
    () => page.locator("#received .row").count(),
    (rows) => expect(rows).toBe(8),
  );
  expect(await page.locator("#received .tag").allTextContents()).toEqual(Array(8).fill("verified"));
  const comment = page.locator("#received .row", { hasText: "comment.created" });
  await comment.locator("summary").click();
  expect(await comment.locator("pre").textContent()).toContain('"author": "Mara Lind"');
  await page.locator("campanile-bell #bell").click();
  const first = page.locator("campanile-bell li[data-id]").first();
  await first.getByText("Your invoice 2026-118 is ready").waitFor();
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await badge(page, 3);
  await page.locator("#received .row", { hasText: "notification.clicked" }).waitFor();
});

test("a second tab stays in step, another person has another bell", async () => {
  const page = await open("grace");
  const [second] = await Promise.all([page.context().waitForEvent("page"), page.locator("#second").click()]);
  await page.locator("[data-kind=comment]").click();
  await badge(second, 1);
  await second.locator("campanile-bell #bell").click();
  await second.locator("campanile-bell .dismiss").click();
  await page.locator("campanile-bell .badge").waitFor({ state: "detached" });
  await page.locator("[data-kind=deploy]").click();
  await badge(page, 1);
  await page.locator("#user").selectOption("alan");
  await page.waitForURL("**user=alan**");
  await page.locator("campanile-bell #bell").waitFor();
  expect(await page.locator("campanile-bell .badge").count()).toBe(0);
});

test("the commands can be copied, and the first one rings the bell", async () => {
  const page = await open("alan", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.locator("#user").selectOption("ada");
  await page.waitForURL("**user=ada**");
  const before = Number((await page.locator("campanile-bell .badge").textContent()) ?? 0);
  const copied: string[] = [];
  for (const button of await page.locator("#commands button").all()) {
    await button.click();
    await button.getByText("Copied").waitFor();
    copied.push(await page.evaluate(() => navigator.clipboard.readText()));
  }
  expect(copied.map((command) => /campanile\S* (\w+)/.exec(command)?.[1])).toEqual([
    "publish",
    "listen",
    "tail",
  ]);
  await new Promise<void>((resolve, reject) =>
    execFile("/bin/sh", ["-c", copied[0]!], (error) => (error ? reject(error) : resolve())),
  );
  await badge(page, before + 1);
});

test.each([
  ["light", 1440],
  ["dark", 1440],
  ["light", 390],
  ["dark", 390],
] as const)("axe finds nothing wrong and nothing sticks out: %s at %i", async (colorScheme, width) => {
  const page = await open("ada", { colorScheme, viewport: { width, height: 860 } });
  for (const kind of ["comment", "incident"]) await page.locator(`[data-kind=${kind}]`).click();
  await page.locator("#received .row").nth(1).waitFor();
  await page.waitForTimeout(1_700);
  expect(await axeViolations(page)).toEqual([]);
  await page.locator("campanile-bell #bell").click();
  await page.locator("campanile-bell li[data-id]").first().waitFor();
  expect(await axeViolations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
});
