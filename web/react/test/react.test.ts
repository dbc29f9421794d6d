// The components in a real browser, in an application built as a product builds its own, under the strict policy.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CampanileBell, CampanileWebhooks } from "@campanile/react";
import { launchBrowser, watchTrouble } from "../../testing/browser.js";
import { serveFiles } from "../../testing/demo-routes.js";
import { FakeServer } from "../../testing/fake-server.js";
import { eventually } from "../../elements/test/support.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const built = mkdtempSync(join(tmpdir(), "campanile-react-"));
let browser: Browser;
let server: FakeServer;
let page: Page;
let trouble: string[];

beforeAll(async () => {
  await build({
    configFile: false,
    root: path("./app"),
    base: "./",
    logLevel: "error",
    resolve: {
      alias: {
        "@campanile/react": path("../src/index.ts"),
        "@campanile/elements/bell": path("../../elements/dist/bell.js"),
        "@campanile/elements": path("../../elements/dist/elements.js"),
      },
    },
    build: { outDir: built, emptyOutDir: true, modulePreload: { polyfill: false }, minify: false },
  });
  browser = await launchBrowser();
  server = await FakeServer.start();
  serveFiles(server, "/app/", built);
  server.feed("ada").add({ title: "one" });
  page = await browser.newPage();
  trouble = watchTrouble(page);
  await page.goto(`${server.url}/app/?token=${server.token("ada")}`);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(built, { recursive: true, force: true });
  expect(trouble).toEqual([]);
});

const shows = (id: string, wanted: string) =>
  eventually(
    () => page.locator(id).textContent(),
    (text) => expect(text).toBe(wanted),
  );

test("the bell: properties, events, ref, attributes", async () => {
  await shows("#unread", "1");
  server.feed("ada").add({ title: "two" });
  await shows("#unread", "2");
  const bell = page.locator("campanile-bell");
  expect(await bell.getAttribute("class")).toBe("bell");
  expect(await bell.getAttribute("data-kind")).toBe("the bell");
  await page.getByRole("button", { name: "Open the bell" }).click();
  await shows("#told", "open");
  expect(await bell.locator("[part~=settings]").getAttribute("href")).toBe("/settings");
  await page.keyboard.press("Escape");
});

test("each of the others renders, and tells what happens", async () => {
  const choose = (name: string) => page.getByRole("button", { name, exact: true }).click();
  await page.locator("campanile-inbox").getByRole("tab", { name: "Unread" }).click();
  await shows("#told", "unread");
  await choose("preferences");
  const preferences = page.locator("campanile-preferences");
  await preferences.getByRole("heading", { name: "How to reach me" }).waitFor();
  await preferences.getByRole("switch", { name: "CRM" }).click();
  await shows("#told", '{"apps":{"crm":"off"}}');
  await choose("channels");
  await page.getByText("No channel yet, says React").waitFor();
  await choose("webhooks");
  await page.locator("campanile-webhooks").getByRole("tab", { name: "Event catalogue" }).click();
  await shows("#told", "catalogue");
});

test("a prop that is given, and no longer", async () => {
  const bell = page.locator("campanile-bell");
  const theme = () => bell.evaluate((one) => (one as HTMLElementTagNameMap["campanile-bell"]).theme);
  await page.getByRole("button", { name: "Dark" }).click();
  expect(await theme()).toBe("dark");
  await page.getByRole("button", { name: "Dark" }).click();
  expect(await theme()).not.toBe("dark");
});

test("on a server: the tag with its attributes, and nothing is loaded", () => {
  const bell = renderToString(createElement(CampanileBell, { url: "https://x.example", className: "bell" }));
  expect(bell).toBe('<campanile-bell class="bell"></campanile-bell>');
  expect(renderToString(createElement(CampanileWebhooks, { readonly: true }))).toContain(
    "campanile-webhooks",
  );
});
