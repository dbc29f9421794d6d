import { expect, test } from "vitest";
import type { Webhook } from "@campanile/client";
import { eventually, stage, type Shown } from "./support.js";

const on = stage();

const URL_ = "https://api.acme.example/hooks";
const add = (more: Partial<Webhook> = {}) => on.server.webhooks.add({ url: URL_, description: "Main" }, more);
const row = ({ element }: Shown, name: string) => element.getByRole("button", { name, exact: true });
const enter = async (shown: Shown) => {
  await row(shown, URL_).click();
  await shown.element.getByRole("heading", { name: URL_ }).waitFor();
};
const has = (shown: Shown, name: string) =>
  eventually(
    () => shown.focused(),
    (now) => expect(now).toContain(name),
  );

test("the list says how each endpoint is doing", async () => {
  add({ health: { failures: 3, first_failure_at: null, last_failure_at: null } });
  on.server.webhooks.add(
    { url: "https://b.example/", event_types: ["sync.completed"] },
    { status: "paused" },
  );
  on.server.webhooks.add(
    { url: "https://c.example/" },
    { status: "disabled", disabled_reason: "100 attempts failed" },
  );
  const shown = await on.show("webhooks");
  const rows = shown.element.locator("li.line");
  await rows.nth(2).locator(".pill").getByText("Failing").waitFor();
  const texts = (await rows.allTextContents()).map((text) => text.replace(/\s+/g, " ").trim());
  expect(texts).toEqual([
    "https://c.example/ All events Disabled",
    "https://b.example/ 1 event Paused",
    `${URL_} Main · All events Failing`,
  ]);
});

test("O08: create: faults beside their fields, events found by searching, the secret once", async () => {
  const shown = await on.show("webhooks");
  const { page, element, heard } = shown;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await element.getByRole("button", { name: "Add endpoint" }).click();
  await has(shown, "Endpoint URL");
  const submit = element.locator("form").getByRole("button", { name: "Add endpoint" });
  await submit.click();
  await element.locator("#url-fault").getByText("Must not be empty").waitFor();
  await has(shown, "Endpoint URL");
  await element.getByLabel("Endpoint URL").fill(URL_);
  await element.getByLabel("Description").fill("Warehouse");
  await element.getByLabel("Only these").check();
  await element.getByLabel("Search events").fill("connector set up");
  await eventually(
    () => element.locator(".group-items label").count(),
    (found) => expect(found).toBe(1),
  );
  await element.getByRole("checkbox", { name: /source\.connected/ }).check();
  await element.getByLabel("Search events").fill("");
  await element
    .getByRole("group", { name: "sync" })
    .getByRole("checkbox", { name: "sync", exact: true })
    .check();
  await element.getByText("3 chosen").waitFor();
  await element.getByLabel("Rate limit").fill("20");
  await element.getByLabel("Retries").selectOption("short");
  await submit.click();
  const dialog = element.getByRole("dialog", { name: "Keep this secret" });
  const secret = await dialog.getByLabel("Signing secret").inputValue();
  expect(secret).toMatch(/^whsec_/);
  await dialog.getByRole("button", { name: "Copy" }).click();
  await dialog.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await dialog.getByRole("button", { name: "Done" }).click();
  await element.getByRole("heading", { name: URL_ }).waitFor();
  expect(await element.getByText(secret).count()).toBe(0);
  expect(on.server.webhooks.rows[0]).toMatchObject({
    url: URL_,
    description: "Warehouse",
    event_types: ["source.connected", "sync.completed", "sync.failed"],
    rate_limit: 20,
    retry_policy: "short",
  });
  expect(JSON.stringify(await heard("change"))).not.toContain(secret);
});

test("edit: what was chosen is there, and what is taken back is null", async () => {
  add({ event_types: ["gone.event", "sync.failed"], rate_limit: 5 });
  const shown = await on.show("webhooks");
  const { element } = shown;
  await enter(shown);
  await element.getByRole("button", { name: "Edit" }).click();
  expect(await element.getByLabel("Endpoint URL").inputValue()).toBe(URL_);
  expect(await element.getByRole("checkbox", { name: "gone.event" }).isChecked()).toBe(true);
  await element.getByLabel("All events, also those to come").check();
  await element.getByLabel("Rate limit").fill("");
  await element.getByRole("button", { name: "Save" }).click();
  await element.getByRole("heading", { name: URL_ }).waitFor();
  await has(shown, "Edit");
  expect(on.server.webhooks.rows[0]).toMatchObject({ event_types: null, rate_limit: null });
});

test("pause, resume, and enable again", async () => {
  const webhook = add();
  const shown = await on.show("webhooks");
  const { element } = shown;
  await enter(shown);
  const choose = async (name: string) => {
    await element.getByRole("button", { name: "More actions" }).click();
    await element.getByRole("menuitem", { name }).click();
  };
  await choose("Pause");
  await element.getByText("Paused. Nothing is sent until it is resumed.").waitFor();
  await choose("Resume");
  await eventually(
    () => webhook.status,
    (status) => expect(status).toBe("active"),
  );
  Object.assign(webhook, { status: "disabled", disabled_reason: "100 attempts failed" });
  await element.getByRole("button", { name: "Endpoints" }).click();
  await enter(shown);
  await element.getByText("100 attempts failed").waitFor();
  await element.getByRole("button", { name: "Enable again" }).click();
  await eventually(
    () => webhook.status,
    (status) => expect(status).toBe("active"),
  );
});

test("rotate: asks how long the old one goes on, and shows the new one once", async () => {
  add();
  const shown = await on.show("webhooks");
  const { element } = shown;
  await enter(shown);
  await element.getByRole("button", { name: "More actions" }).click();
  await element.getByRole("menuitem", { name: "Rotate secret" }).click();
  await element.getByLabel("The old one signs as well for").selectOption("604800");
  await element.getByRole("dialog").getByRole("button", { name: "Rotate secret" }).click();
  await element.getByRole("dialog", { name: "Keep this secret" }).waitFor();
  const asked = on.server.requests.find(({ path }) => path.endsWith("/rotate-secret"));
  expect(asked?.body).toEqual({ grace_seconds: 604_800 });
  await shown.press("Escape");
  await element.getByRole("dialog").waitFor({ state: "detached" });
  expect(await shown.heard("secret")).toHaveLength(1);
});

test("delete asks, and the list is shorter then", async () => {
  add();
  const shown = await on.show("webhooks");
  const { element, heard } = shown;
  await enter(shown);
  await element.getByRole("button", { name: "More actions" }).click();
  await element.getByRole("menuitem", { name: "Delete" }).click();
  await element.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await element.getByText("No endpoints yet").waitFor();
  expect(on.server.webhooks.rows).toEqual([]);
  expect(await heard("change")).toMatchObject([{ action: "deleted" }]);
});

test("O09: deliveries by state, one of them with request and attempts, and again", async () => {
  const webhook = add();
  on.server.webhooks.deliver(webhook, "sync.completed", "sent", [{}]);
  const failed = on.server.webhooks.deliver(webhook, "sync.failed", "exhausted", [
    { status_code: null, error: "connection refused", outcome: "error" },
    { status_code: 500, response: '{"why":"<b>broken</b>"}', error: "HTTP 500" },
  ]);
  const shown = await on.show("webhooks");
  const { element } = shown;
  await enter(shown);
  const lines = element.locator("[part~=log] .line-title");
  await eventually(
    () => lines.allTextContents(),
    (types) => expect(types).toEqual(["sync.failed", "sync.completed"]),
  );
  await element.getByLabel("Filter by state").selectOption("exhausted");
  await eventually(
    () => lines.allTextContents(),
    (types) => expect(types).toEqual(["sync.failed"]),
  );
  await element.getByLabel("Filter by state").selectOption("skipped");
  await element.getByText("There is nothing in this state.").waitFor();
  await element.getByLabel("Filter by state").selectOption("");
  await row(shown, "sync.failed").click();
  await element.getByRole("heading", { name: "sync.failed" }).waitFor();
  await element.getByText("connection refused").waitFor();
  await element.getByRole("region", { name: "Answer, Attempt 2" }).getByText("<b>broken</b>").waitFor();
  const body = await element.getByRole("region", { name: "Body" }).textContent();
  expect(JSON.parse(body!)).toMatchObject({ type: "sync.failed", version: "2026-02-07" });
  expect(body).toContain('\n  "type": "sync.failed"');
  expect(await element.locator(".headers").textContent()).toContain("webhook-timestamp");
  await element.getByRole("button", { name: "Send again" }).click();
  await element.getByText("Attempt 3").waitFor();
  expect(failed.status).toBe("sent");
});

test("what is under way is looked at again by itself", async () => {
  const webhook = add();
  const delivery = on.server.webhooks.deliver(webhook, "sync.failed", "retrying", [{ status_code: 500 }]);
  const shown = await on.show("webhooks");
  const { element } = shown;
  await enter(shown);
  await element.locator("[part~=log] .pill").getByText("Retrying").waitFor();
  on.server.webhooks.deliver(webhook, "sync.completed", "sent", [{}]);
  await row(shown, "sync.completed").waitFor({ timeout: 8_000 });
  await row(shown, "sync.failed").click();
  await element.getByRole("heading", { name: "sync.failed" }).waitFor();
  Object.assign(delivery, { status: "sent", next_attempt_at: null });
  await element.locator(".heading .pill").getByText("Sent").waitFor({ timeout: 8_000 });
});

test("more of a long log than fits a page", async () => {
  const webhook = add();
  for (let at = 0; at < 40; at += 1) on.server.webhooks.deliver(webhook, "sync.completed", "sent", [{}]);
  const shown = await on.show("webhooks");
  await enter(shown);
  const lines = shown.element.locator("[part~=log] > li");
  await eventually(
    () => lines.count(),
    (count) => expect(count).toBe(25),
  );
  await shown.element.getByRole("button", { name: "Show more" }).click();
  await eventually(
    () => lines.count(),
    (count) => expect(count).toBe(40),
  );
  await shown.element.getByRole("button", { name: "Refresh" }).click();
  await shown.page.waitForTimeout(300);
  expect(await lines.count()).toBe(40);
});

test("a test event leads to its delivery; what was missed is recovered since the first failure", async () => {
  const first = new Date(Date.now() - 7_200_000).toISOString();
  add({ health: { failures: 2, first_failure_at: first, last_failure_at: first } });
  const shown = await on.show("webhooks");
  const { element, heard } = shown;
  await enter(shown);
  await element.getByRole("button", { name: "Recover what was missed" }).click();
  await element.getByRole("dialog").getByRole("button", { name: "Recover what was missed" }).click();
  await element.getByText("What was missed is on its way").waitFor();
  expect(on.server.webhooks.recovered).toEqual([{ since: first }]);
  await element.getByRole("button", { name: "Send test event" }).click();
  await element.getByRole("heading", { name: "webhook.test" }).waitFor();
  expect(await heard("test")).toMatchObject([{ webhook: { url: URL_ } }]);
  await element.getByRole("button", { name: URL_ }).click();
  await has(shown, "webhook.test");
});

test("the catalogue: search, schema and sample", async () => {
  const { element } = await on.show("webhooks");
  await element.getByRole("tab", { name: "Event catalogue" }).click();
  await element.getByLabel("Search events").fill("observation");
  await eventually(
    () => element.locator(".entry").count(),
    (count) => expect(count).toBe(2),
  );
  const entry = element.getByRole("button", { name: "observation.created" });
  expect(await entry.getAttribute("aria-expanded")).toBe("false");
  await entry.click();
  await element.getByRole("region", { name: "Sample, observation.created" }).getByText("obs_8f2k1").waitFor();
  await element
    .getByRole("region", { name: "Schema, observation.created" })
    .getByText('"required"')
    .waitFor();
  await element.getByLabel("Search events").fill("zebra");
  await element.getByText("No event matches.").waitFor();
});

test("keyboard alone: from the list to a delivery and back, each step with the keyboard where one expects it", async () => {
  const webhook = add();
  on.server.webhooks.deliver(webhook, "sync.completed", "sent", [{}]);
  const shown = await on.show("webhooks");
  const { element, press } = shown;
  await row(shown, URL_).waitFor();
  await press("Tab");
  await has(shown, "Add endpoint");
  await press("Tab");
  await has(shown, "Endpoints");
  await press("ArrowRight");
  await has(shown, "Event catalogue");
  await press("ArrowLeft", "Tab");
  await has(shown, URL_);
  await press("Enter");
  await element.getByRole("heading", { name: URL_ }).waitFor();
  await has(shown, URL_);
  await row(shown, "sync.completed").focus();
  await press("Enter");
  await element.getByRole("heading", { name: "sync.completed" }).waitFor();
  await has(shown, "sync.completed");
  await press("Shift+Tab", "Enter");
  await has(shown, "sync.completed");
  await element.getByRole("button", { name: "More actions" }).focus();
  await press("Enter", "End", "Enter");
  await has(shown, "Cancel");
  await press("Escape");
  await has(shown, "More actions");
  await element.getByRole("button", { name: "Endpoints" }).focus();
  await press("Enter");
  await has(shown, URL_);
});

test("readonly with a portal token: everything to see, nothing to change", async () => {
  const webhook = add({ health: { failures: 2, first_failure_at: null, last_failure_at: null } });
  on.server.webhooks.deliver(webhook, "sync.completed", "failed", [{ status_code: 500 }]);
  const shown = await on.show("webhooks", { readonly: "", token: "pt_abc" });
  const { element } = shown;
  await row(shown, URL_).waitFor();
  expect(await element.getByRole("button", { name: "Add endpoint" }).count()).toBe(0);
  await enter(shown);
  for (const name of ["Send test event", "Edit", "More actions", "Recover what was missed"])
    expect(await element.getByRole("button", { name }).count()).toBe(0);
  await row(shown, "sync.completed").click();
  await element.getByRole("heading", { name: "sync.completed" }).waitFor();
  expect(await element.getByRole("button", { name: "Send again" }).count()).toBe(0);
});
