import { expect, test } from "vitest";
import { eventually, stage, type Shown } from "./support.js";

const on = stage();

const cards = ({ element }: Shown) => element.locator("li.channel[data-id]");
const SLACK = "https://hooks.slack.com/services/T/B/secret1234";

test("G09, G12: a card per config with name, place, state, events", async () => {
  on.server.configs.add({ channel: "email", email_addresses: ["a@x.example", "b@x.example"] });
  on.server.configs.add({ channel: "slack_webhook", webhook_url: SLACK, is_active: false });
  const shown = await on.show("channels");
  await cards(shown).nth(1).waitFor();
  const [email, slack] = [cards(shown).nth(0), cards(shown).nth(1)];
  expect(await email.locator("h3").textContent()).toBe("Email");
  expect(await email.locator(".chip").allTextContents()).toEqual(["a@x.example", "b@x.example"]);
  expect(await email.getByRole("checkbox").count()).toBe(5);
  expect(await slack.locator("h3").textContent()).toBe("Slack");
  expect(await slack.locator(".place").textContent()).toBe("hooks.slack.com/…1234");
  expect(await slack.getByRole("switch").getAttribute("aria-checked")).toBe("false");
});

test("G09: add by mouse: email with several addresses; a fault stands beside its field", async () => {
  const shown = await on.show("channels");
  const { element, heard } = shown;
  await element.getByText("No channels yet").waitFor();
  await element.getByRole("button", { name: "Add channel" }).click();
  await element.getByRole("menuitem", { name: "Email" }).click();
  const field = element.getByLabel("Email addresses");
  const submit = element.locator("form").getByRole("button", { name: "Add channel" });
  await submit.click();
  await element.getByText("Email_addresses required for email channel").waitFor();
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  const described = (await field.getAttribute("aria-describedby"))!.split(" ");
  expect(described).toContain("destination-fault");
  await field.fill("a@x.example, nobody");
  await submit.click();
  await element.getByText("“nobody” is no email address").waitFor();
  await field.fill("a@x.example; b@x.example,");
  await element.getByLabel("Proposal Approved").uncheck();
  await submit.click();
  await cards(shown).first().waitFor();
  const [config] = on.server.configs.rows;
  expect(config?.email_addresses).toEqual(["a@x.example", "b@x.example"]);
  expect(config?.events_enabled).toMatchObject({ "proposal.approved": false, "session.escalated": true });
  await eventually(
    () => heard("change"),
    (changes) => expect(changes).toMatchObject([{ action: "created", config: { channel: "email" } }]),
  );
});

test("keyboard alone: menu, form, switch, events, edit, delete", async () => {
  const shown = await on.show("channels");
  const { element, press, focused } = shown;
  const has = (name: string) =>
    eventually(
      () => focused(),
      (now) => expect(now).toContain(name),
    );
  await element.getByRole("button", { name: "Add channel" }).waitFor();
  await press("Tab");
  await has("Add channel");
  await press("ArrowDown");
  await has("Email");
  await press("ArrowDown");
  await has("Slack");
  await press("Escape");
  await has("Add channel");
  await press("Enter");
  await has("Email");
  await press("s", "Enter");
  await has("Webhook URL");
  await press("Escape");
  await has("Add channel");
  await press("ArrowDown");
  await has("Email");
  await press("ArrowDown");
  await has("Slack");
  await press("Enter");
  await has("Webhook URL");
  await shown.page.keyboard.type(SLACK);
  await press("Enter");
  await cards(shown).first().waitFor();
  await has("Add channel");
  await press("Tab");
  await has("Slack active");
  await press("Space");
  await eventually(
    () => on.server.configs.rows[0]?.is_active,
    (active) => expect(active).toBe(false),
  );
  await press("Tab", "Space");
  await eventually(
    () => on.server.configs.rows[0]?.events_enabled["session.escalated"],
    (enabled) => expect(enabled).toBe(false),
  );
  await press(...Array<string>(6).fill("Tab"));
  await has("Edit Slack");
  await press("Enter");
  await has("Webhook URL");
  await press("Escape");
  await has("Edit Slack");
  await press("Tab", "Enter");
  await has("Cancel");
  await press("Escape");
  await has("Delete Slack");
  expect(on.server.configs.rows).toHaveLength(1);
  // Asked again before the browser has said that the first question is over.
  await press("Enter");
  await has("Cancel");
  await press("Tab", "Enter");
  await element.getByText("No channels yet").waitFor();
  expect(on.server.configs.rows).toHaveLength(0);
  await has("Notification channels");
});

test("a change shows at once, and a refusal takes back only that", async () => {
  on.server.configs.add({ channel: "email", email_addresses: ["a@x.example"] });
  const shown = await on.show("channels");
  const active = cards(shown).first().getByRole("switch");
  const escalated = cards(shown).first().getByLabel("Session Escalated");
  await active.waitFor();
  on.server.faults.latency = () => 400;
  on.server.faults.refuse = (method) => (method === "PATCH" ? 403 : null);
  await active.click();
  expect(await active.getAttribute("aria-checked")).toBe("false");
  on.server.faults.refuse = () => null;
  await escalated.uncheck();
  await eventually(
    () => active.getAttribute("aria-checked"),
    (checked) => expect(checked).toBe("true"),
  );
  await eventually(
    () => on.server.configs.rows[0]?.events_enabled["session.escalated"],
    (enabled) => expect(enabled).toBe(false),
  );
  expect(await escalated.isChecked()).toBe(false);
  expect(await shown.element.locator(".toast").count()).toBe(1);
});

test("another user: what was the first one's goes, and nothing is done in their name", async () => {
  on.server.configs.add({ channel: "email", email_addresses: ["a@x.example"] });
  const shown = await on.show("channels", { token: on.server.token("ada", 4) });
  const active = cards(shown).first().getByRole("switch");
  await active.waitFor();
  await shown.signIn("bob");
  on.server.configs.choices.events.splice(1);
  await active.click();
  await eventually(
    () => cards(shown).first().getByRole("checkbox").count(),
    (boxes) => expect(boxes).toBe(1),
  );
  expect(on.server.requests.filter(({ method }) => method === "PATCH")).toEqual([]);
  expect(on.server.configs.rows[0]?.is_active).toBe(true);
});

test("G09: a test says what came of it", async () => {
  on.server.configs.add({ channel: "slack_webhook", webhook_url: SLACK });
  const shown = await on.show("channels");
  const { element, heard } = shown;
  await element.getByRole("button", { name: "Send test" }).click();
  await element.locator(".toast.good").getByText("Test message sent to Slack").waitFor();
  on.server.configs.tested = { success: false, message: "Slack webhook failed" };
  await element.getByRole("button", { name: "Send test" }).click();
  await element.locator(".toast.bad").getByText("Slack webhook failed").waitFor();
  expect(await heard("test")).toMatchObject([{ success: true }, { success: false }]);
});

test("G10: delete asks; no leaves everything", async () => {
  on.server.configs.add({ channel: "email", email_addresses: ["a@x.example"] });
  const shown = await on.show("channels");
  const { element } = shown;
  await element.getByRole("button", { name: "Delete Email" }).click();
  const dialog = element.getByRole("dialog", { name: "Delete this Email channel?" });
  await dialog.getByText("a@x.example will get no more messages").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(on.server.configs.rows).toHaveLength(1);
  await element.getByRole("button", { name: "Delete Email" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await element.getByText("No channels yet").waitFor();
});

test("G06: an edit sends only where it leads", async () => {
  on.server.configs.add({ channel: "email", email_addresses: ["a@x.example"] });
  const { element } = await on.show("channels");
  await element.getByRole("button", { name: "Edit Email" }).click();
  const field = element.getByLabel("Email addresses");
  expect(await field.inputValue()).toBe("a@x.example");
  await field.fill("c@x.example");
  await element.getByRole("button", { name: "Save" }).click();
  await element.locator(".chip", { hasText: "c@x.example" }).waitFor();
  const asked = on.server.requests.find(({ method }) => method === "PATCH");
  expect(asked?.body).toEqual({ email_addresses: ["c@x.example"] });
});

test("a channel that is not available says why and cannot be chosen", async () => {
  const choice = on.server.configs.choices.channels[0]!;
  Object.assign(choice, { available: false, reason: "No provider is set up for email" });
  on.server.configs.add({ channel: "email", email_addresses: ["a@x.example"] });
  const { element } = await on.show("channels");
  await element.locator(".callout").getByText("No provider is set up for email").waitFor();
  await element.getByRole("button", { name: "Add channel" }).click();
  const item = element.getByRole("menuitem", { name: "Email No provider is set up for email" });
  expect(await item.getAttribute("aria-disabled")).toBe("true");
  await item.click({ force: true });
  expect(await element.locator("form").count()).toBe(0);
});

test("readonly: what there is, and nothing to change it with; a tenant is named where there is one", async () => {
  on.server.configs.add({ channel: "email", email_addresses: ["a@x.example"] });
  const shown = await on.show("channels", { readonly: "", token: "pt_abc", tenant: "acme" });
  await cards(shown).first().waitFor();
  expect(await shown.element.getByRole("button").count()).toBe(0);
  expect(await shown.element.getByRole("switch").count()).toBe(0);
  expect(await shown.element.getByRole("checkbox").first().isDisabled()).toBe(true);
  const asked = on.server.requests.filter(({ path }) => path.includes("/configs"));
  expect(asked.every(({ query }) => query.get("tenant") === "acme")).toBe(true);
  expect(asked.every(({ headers }) => headers.authorization === "Bearer pt_abc")).toBe(true);
});
