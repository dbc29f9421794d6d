// The console against the real server: what the server that keeps the contract promises, the real one keeps.

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser, watchTrouble } from "../testing/browser.js";
import { RealServer } from "../testing/real-server.js";

let browser: Browser;
let server: RealServer;
let trouble: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await RealServer.start();
  await api("POST", "/apps", { uid: "shop", name: "Shop" });
  await api("PUT", "/tenants/acme", { name: "Acme" });
  for (const user of ["ada", "bob"])
    await api("PUT", `/users/${user}`, { name: user, email: `${user}@shop.example` });
  await api("PUT", "/channels/email", {
    from: "hello@shop.example",
    providers: [{ name: "sandbox", kind: "sandbox" }],
  });
  await api("PUT", "/workflows/order-shipped", {
    name: "Order shipped",
    events: [{ type: "order.shipped" }],
    recipients: [{ users_from: "data.users" }],
    steps: [{ name: "mail", email: { subject: "Order {{ data.order }}", text: "It is on its way." } }],
  });
  await api("PUT", "/users/bob/preferences", { channels: { email: "off" } });
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

afterEach(() => {
  expect(trouble).toEqual([]);
});

async function api(method: string, path: string, body: object): Promise<Record<string, string>> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  return answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>);
}

async function enter(link: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  trouble = watchTrouble(page);
  await page.goto(link);
  return { page, context };
}

test("an event comes in live, and its trace says why Bob got nothing", async () => {
  const { page, context } = await enter(server.signInLink());
  await page.getByRole("link", { name: "Events" }).first().click();
  await page.getByText("Live", { exact: true }).waitFor();
  const { event_id } = await api("POST", "/apps/shop/events", {
    type: "order.shipped",
    data: { order: 7, users: ["ada", "bob"] },
  });
  await page.getByText("order.shipped").first().click();
  await page.waitForURL(new RegExp(`/events/${event_id}`));
  await page.getByText("ada").first().waitFor();
  await page
    .getByText(/turned off|preference/i)
    .first()
    .waitFor();
  await page.goto(`${server.url}/sandbox`);
  await page.getByText("ada@shop.example").first().waitFor();
  await context.close();
});

test("the pages of what is declared, of people and of the environment read what the server says", async () => {
  const { page, context } = await enter(server.signInLink());
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  for (const [path, text] of [
    ["/workflows", "Order shipped"],
    ["/workflows/order-shipped", "Starts with"],
    ["/workflows/order-shipped/versions", "There is one version"],
    ["/deliveries", "ada@shop.example"],
    ["/users", "ada"],
    ["/users/bob?tab=preferences", "Order shipped"],
    ["/tenants", "Acme"],
    ["/settings/integrations", "Notification Channels"],
    ["/audit", "workflow.put"],
  ] as const) {
    await page.goto(server.url + path);
    await page.getByText(text).first().waitFor();
  }
  await context.close();
});

test("a tenant's admin is invited, signs in, and has their portal and nothing else", async () => {
  const { link } = await api("POST", "/team/invitations", {
    email: "boss@acme.example",
    role: "tenant_admin",
    tenant: "acme",
  });
  const { page, context } = await enter(server.url + link);
  await page.waitForURL(`${server.url}/portal/`);
  await page.getByRole("heading", { name: "Acme" }).waitFor();
  await page.locator("campanile-channels").getByText("No channels yet").waitFor();
  await page.goto(`${server.url}/users`);
  await page.waitForURL(`${server.url}/portal/`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/login/);
  await context.close();
});
