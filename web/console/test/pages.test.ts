// The main flow of every other page.

import { expect, test } from "vitest";
import { makeId } from "../../testing/console-data.js";
import { stage, stands } from "./support.js";

const all = stage();
const app = makeId("app", 0);

test("overview: figures, what needs attention, and a chart that the keyboard reads", async () => {
  const page = await all.open("/");
  await stands(page, "Overview");
  await page.getByText("1 endpoint is disabled").first().waitFor();
  const chart = page.getByRole("slider", { name: /What failed/ });
  await chart.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  expect(await chart.getAttribute("aria-valuetext")).toMatch(/Deliveries given up \d+, Attempts \d+/);
  await page.getByRole("radio", { name: "Week" }).check({ force: true });
  await expect
    .poll(() =>
      all.server.calls
        .filter(({ path }) => path === "/api/v1/statistics")
        .at(-1)!
        .query.get("step"),
    )
    .toBe("10800");
  await page.getByRole("link", { name: /deliveries were given up/ }).click();
  await page.waitForURL(/undelivered=true/);
});

test("a tenant’s admin sees that tenant, and is told where the rest begins", async () => {
  const page = await all.open("/", { environment: 3 });
  await stands(page, "Acme Ltd");
  const places = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
  expect(await places.allTextContents()).toEqual(["Tenants", "Applications"]);
});

test("the first minute: what is done is ticked off, the next thing says how", async () => {
  const page = await all.open("/", { environment: 2 });
  await stands(page, "Overview");
  await page.getByText("0 of 5").waitFor();
  await page.getByRole("link", { name: "Make one here" }).click();
  await stands(page, "Applications");
  await page.getByRole("button", { name: "Make an application" }).first().click();
  await page.getByRole("textbox", { name: "Name" }).fill("Shop");
  await page.getByRole("textbox", { name: "Your id" }).fill("shop");
  await page.keyboard.press("Enter");
  await stands(page, "Shop");
  await page.goto(`${all.server.url}/`);
  await page.getByText("1 of 5").waitFor();
  await page.getByText("Your backend calls with a secret key.").waitFor();
});

test("sandbox: each channel as it looks, on a desktop and on a phone", async () => {
  const page = await all.open("/sandbox");
  await stands(page, "Sandbox");
  await page.getByRole("radio", { name: "Email" }).check({ force: true });
  await page.waitForURL(/channel=email/);
  await expect.poll(() => page.getByRole("row").nth(1).textContent()).toContain("Email");
  await page.getByRole("row").nth(1).click();
  await page.frameLocator("iframe.mail-frame").getByRole("heading").waitFor();
  const width = async () => (await page.locator(".canvas").boundingBox())!.width;
  const wide = await width();
  await page.getByRole("radio", { name: "Phone" }).check({ force: true });
  await expect.poll(width).toBeLessThan(wide);
  expect(await width()).toBe(375);
  for (const channel of ["slack", "teams"]) {
    await page.goto(`${all.server.url}/sandbox?channel=${channel}`);
    await page.getByRole("row").nth(1).click();
    await page.locator(`.${channel}`).getByText("Open in Help desk").waitFor();
  }
});

test("users: by id, their feed, what they got, preferences, memberships", async () => {
  const page = await all.open("/users");
  await stands(page, "Users");
  await page.keyboard.press("/");
  await page.keyboard.type("ada");
  await page.keyboard.press("Enter");
  await stands(page, "Ada Lindqvist");
  await page.getByText("Session escalated by").first().waitFor();
  const feed = page.getByRole("tab", { name: "Feed" });
  await feed.focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/tab=got/);
  await page.getByText("Turned off in the user’s own preferences").first().waitFor();
  await page.getByRole("tab", { name: "Preferences" }).click();
  const email = page.getByRole("switch", { name: "Email", exact: true });
  await email.waitFor();
  expect(await email.isChecked()).toBe(false);
  await email.check({ force: true });
  await page.getByText("Saved.").waitFor();
  await expect.poll(() => email.isChecked()).toBe(true);
  expect(all.server.calls.find(({ method }) => method === "PATCH")!.body).toEqual({
    channels: { email: "on" },
  });
  await page.getByRole("tab", { name: "Memberships" }).click();
  await page.getByRole("row", { name: /acme/ }).waitFor();
});

test("tenants: members, channels with a test, the portal link shown once", async () => {
  const page = await all.open("/tenants/acme");
  await stands(page, "Acme Ltd");
  await page.getByRole("button", { name: "Add a member" }).click();
  await page.getByRole("textbox", { name: "User id" }).fill("noor");
  await page.getByRole("combobox", { name: "Role" }).selectOption("admin");
  await page.keyboard.press("Enter");
  await page.getByRole("row", { name: /noor/ }).waitFor();
  await page.getByRole("button", { name: "Remove noor" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("row", { name: /noor/ }).waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Channels" }).click();
  const slack = page.getByRole("article", { name: "Slack" });
  await slack.getByRole("button", { name: "Send Test" }).click();
  await page.getByText("Test message sent to Slack").waitFor();
  await slack.getByRole("checkbox", { name: "New Flow Proposal" }).check();
  expect(all.server.calls.at(-1)!.method).toMatch(/PATCH|GET/);
  await slack.getByRole("button", { name: "Delete Slack" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await slack.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Portal link" }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  await page.getByText("/portal/#token=pt_").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  expect(await page.getByText("pt_").count()).toBe(0);
});

test("applications: a key is shown once; a webhook is added, tested, paused, its secret rotated", async () => {
  const page = await all.open(`/applications/${app}?tab=keys`);
  await stands(page, "Help desk");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Worker");
  await page.keyboard.press("Enter");
  await page.getByText("It is shown this once.").waitFor();
  const key = (await page.locator(".secret pre").textContent())!.trim();
  expect(key).toMatch(/^ak_/);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("row", { name: /Worker/ }).waitFor();
  expect(await page.getByText(key).count()).toBe(0);
  await page.getByRole("button", { name: "Revoke Worker" }).click();
  await page.getByRole("button", { name: "Revoke the key" }).click();
  await page.getByRole("row", { name: /Worker/ }).waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Webhooks" }).click();
  await page.getByRole("button", { name: "Add a webhook" }).click();
  await page.getByRole("textbox", { name: "URL" }).fill("https://new.example/hook");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByText("whsec_").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("link", { name: "https://new.example/hook" }).click();
  await stands(page, "https://new.example/hook");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused. Events wait.").waitFor();
  await page.getByRole("button", { name: "Activate" }).waitFor();
  await page.getByRole("button", { name: "Rotate the secret" }).click();
  await page.getByRole("button", { name: "Rotate", exact: true }).click();
  await page.getByText("whsec_").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.waitForURL(/deliveries\/webhooks/);
});

test("event types: registered with a schema, shown with an example", async () => {
  const page = await all.open("/event-types");
  await stands(page, "Event types");
  await page.getByRole("button", { name: "Register a type" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("order.shipped");
  await page.getByRole("textbox", { name: "Category" }).fill("order");
  await page
    .getByRole("textbox", { name: "JSON Schema" })
    .fill("type: object\nrequired: [number]\nproperties:\n  number: {type: string, examples: [A-1]}\n");
  await page.getByRole("button", { name: "Register", exact: true }).click();
  await stands(page, "order.shipped");
  await page.getByRole("group", { name: "Example" }).getByText('"A-1"').waitFor();
  await page.getByRole("row", { name: /number/ }).waitFor();
});

test("integrations: two sections, and what is not built yet is no link", async () => {
  const page = await all.open("/settings/integrations");
  await stands(page, "Integrations");
  const connectors = page.getByRole("region", { name: "Data Connectors" });
  for (const name of ["GitHub", "Vercel", "Linear", "Sentry", "Notion"]) {
    expect(
      await connectors.getByRole("listitem").filter({ hasText: name }).getByText("Coming soon").count(),
    ).toBe(1);
  }
  expect(await connectors.getByRole("link").count()).toBe(0);
  const channels = page.getByRole("region", { name: "Notification Channels" });
  await channels.getByRole("listitem").filter({ hasText: "In-App Feed" }).getByText("Active").waitFor();
  expect(await channels.getByRole("listitem").filter({ hasText: "Discord" }).getByRole("link").count()).toBe(
    0,
  );
  const links = await channels.getByRole("link").all();
  const addresses = await Promise.all(links.map((link) => link.getAttribute("href")));
  expect(addresses).toHaveLength(4);
  for (const address of addresses) {
    await page.goto(all.server.url + address!);
    await stands(page, /Email|Slack|Microsoft Teams|Webhooks/);
  }
});

test("a channel: faults at their line, set up, suppressed addresses taken back", async () => {
  const page = await all.open("/settings/integrations/email");
  await stands(page, "Email");
  const field = page.getByRole("textbox", { name: "Settings of Email" });
  await field.fill("providers: []\n");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Must say who sends").waitFor();
  await page.getByRole("textbox", { name: "Address to suppress" }).fill("gone@acme.example");
  await page.keyboard.press("Enter");
  await page.getByRole("row", { name: /gone@acme.example/ }).waitFor();
  await page.getByRole("button", { name: "Take back gone@acme.example" }).click();
  await page.getByRole("row", { name: /gone@acme.example/ }).waitFor({ state: "detached" });
  await page.goto(`${all.server.url}/settings/integrations/teams`);
  await page.getByRole("button", { name: "Set it up" }).click();
  await page.getByText("Connected").waitFor();
});

test("team: invited with a link that is shown once, another role, removed", async () => {
  const page = await all.open("/team");
  await stands(page, "Team");
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByRole("textbox", { name: "Email" }).fill("new@helpdesk.example");
  await page.getByRole("combobox", { name: "Role", exact: true }).selectOption("tenant_admin");
  await page.getByRole("textbox", { name: "Tenant" }).fill("acme");
  await page.keyboard.press("Enter");
  await page.getByText("/login#code=").waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row", { name: /new@helpdesk.example/ }).waitFor();
  await page.getByRole("combobox", { name: "Role of jonas@helpdesk.example" }).selectOption("viewer");
  await page.getByText("Jonas Weber is viewer now.").waitFor();
  await page.getByRole("button", { name: "Remove keiko@helpdesk.example" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("row", { name: /Keiko/ }).waitFor({ state: "detached" });
});

test("audit log: narrowed, one line beside, exported", async () => {
  const page = await all.open("/audit");
  await stands(page, "Audit log");
  await page.getByRole("searchbox", { name: "Action" }).fill("webhook.disable");
  await page.keyboard.press("Enter");
  await page.waitForURL(/action=webhook.disable/);
  await page.getByRole("grid", { name: "Audit log" }).focus();
  await page.keyboard.press("Enter");
  await page
    .getByLabel("Detail", { exact: true })
    .getByText("100 attempts in a row failed")
    .first()
    .waitFor();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  expect((await saved).suggestedFilename()).toBe("audit.ndjson");
});

test("settings: only what was changed is sent", async () => {
  const page = await all.open("/settings");
  await stands(page, "Settings");
  await page.getByRole("spinbutton", { name: "Deliveries" }).fill("14");
  await page.getByRole("spinbutton", { name: "Events: calls" }).fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  const { body } = all.server.calls.find(({ method }) => method === "PATCH")!;
  expect(Object.keys(body["settings"] as object).sort()).toEqual(["rate_limits", "retention"]);
  expect(body["settings"]).toMatchObject({ retention: { deliveries: 14 }, rate_limits: { events: null } });
  await page.getByRole("tab", { name: "User tokens" }).click();
  await page.getByRole("row", { name: /Identity provider/ }).waitFor();
});
