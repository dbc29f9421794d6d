// The portal in somebody's page, as a frame from another origin: a webhook is made, fails, is mended and sent again.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, watchTrouble } from "../testing/browser.js";
import { RealServer } from "../testing/real-server.js";

let browser: Browser;
let server: RealServer;
/** Whose page shows the portal, and whose server takes its events. */
let host: Server;
let origin: string;
let frame = "";
const answers: number[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  host = createServer((request, response) => {
    if (request.method === "POST") return void response.writeHead(answers.shift() ?? 200).end("taken");
    response.writeHead(200, { "content-type": "text/html" });
    response.end(
      `<title>Shop</title><iframe title="Webhooks" src="${frame}" width="900" height="600"></iframe>`,
    );
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
  server = await RealServer.start({ env: { CAMPANILE__PAGES__PORTAL_FRAMES: origin } });
  await api("PUT", "/tenants/acme", { name: "Acme" });
});

afterAll(async () => {
  await browser?.close();
  host?.close();
  await server?.dispose();
});

async function api(method: string, path: string, body: object = {}): Promise<Record<string, string>> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.ok, `${method} ${path}`).toBe(true);
  return answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>);
}

async function show(body: object = {}): Promise<{ page: Page; trouble: string[] }> {
  frame = server.url + (await api("POST", "/tenants/acme/portal", body))["url"];
  const page = await (await browser.newContext({ viewport: { width: 960, height: 700 } })).newPage();
  const trouble = watchTrouble(page);
  await page.goto(origin);
  return { page, trouble };
}

test("O09: a webhook in a frame is made, fails, is mended and sent again", async () => {
  const { page, trouble } = await show();
  const portal = page.frameLocator("iframe");
  await portal.getByRole("heading", { name: "Acme" }).waitFor();
  await portal.getByRole("link", { name: "Webhooks" }).click();
  const element = portal.locator("campanile-webhooks");
  await element.getByRole("button", { name: "Add endpoint" }).click();
  await element.getByLabel("Endpoint URL").fill(`${origin}/hook`);
  await element.locator("form").getByRole("button", { name: "Add endpoint" }).click();
  await element.getByRole("button", { name: "Done" }).click();
  answers.push(500);
  await element.getByRole("button", { name: "Send test event" }).click();
  await element.locator(".attempt").first().waitFor({ timeout: 15_000 });
  await element.getByText("500").first().waitFor();
  await element.getByRole("button", { name: "Send again" }).click();
  await element.locator(".attempt").nth(1).waitFor({ timeout: 15_000 });
  await element.getByText("Sent", { exact: true }).first().waitFor();
  // The token is nowhere in the address of the frame, and a reload finds it all the same.
  const inner = page.frames().find((one) => one.url().startsWith(server.url));
  expect(inner?.url()).not.toContain("token=");
  expect(trouble).toEqual([]);
});

test("a portal that only shows offers no change; one that was taken back says so", async () => {
  const { page } = await show({ read_only: true });
  const portal = page.frameLocator("iframe");
  await portal.getByRole("link", { name: "Webhooks" }).click();
  await portal.getByText(`${origin}/hook`).waitFor();
  expect(await portal.getByRole("button", { name: "Add endpoint" }).count()).toBe(0);
  await page.context().close();
  const { id, url } = await api("POST", "/tenants/acme/portal");
  await api("DELETE", `/portal-tokens/${id}`);
  frame = server.url + url;
  const closed = await (await browser.newContext()).newPage();
  await closed.goto(origin);
  await closed.frameLocator("iframe").getByText("expired, or it was taken back").waitFor();
});

test("pages of other origins cannot show it, nor the console", async () => {
  const stranger = await (await browser.newContext()).newPage();
  const refused: string[] = [];
  stranger.on("console", (message) => refused.push(message.text()));
  for (const path of ["/portal/", "/"]) {
    const other = origin.replace("127.0.0.1", "localhost");
    frame = server.url + path;
    await stranger.goto(other);
    await expect.poll(() => refused.some((text) => text.includes("frame-ancestors"))).toBe(true);
    refused.length = 0;
  }
});
