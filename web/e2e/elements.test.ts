// The elements of a page against the real server, in a page of somebody else's: what the fake server promises, the real
// one keeps.

import type { Locator } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { eventually, stage } from "./support.js";

const on = stage();

const http = () => on.server.client().http;

beforeAll(async () => {
  await http().send("PUT", "/tenants/acme", { name: "Acme" });
  await http().send("PUT", "/channels/email", {
    from: { address: "hello@shop.example", name: "Shop" },
    providers: [{ name: "kept", kind: "sandbox" }],
  });
  await http().create("/event-types", {
    name: "order.shipped",
    category: "orders",
    schema: { type: "object" },
  });
  await http().send("PUT", "/workflows/order-shipped", {
    name: "Order shipped",
    events: [{ type: "order.shipped" }],
    recipients: [{ tenant_from: "tenant.id" }],
    steps: [
      { name: "bell", in_app: { title: "Order {{ data.order }} shipped" } },
      { name: "mail", email: { subject: "Order shipped", text: "It is on its way." } },
    ],
    tenant_steps: [{ name: "slack", slack: { title: "Order shipped", body: "Order {{ data.order }}" } }],
  });
});

async function show(element: string): Promise<{ user: string; element: Locator }> {
  const user = await on.user();
  await http().send("PUT", `/tenants/acme/members/${user}`, { role: "admin" });
  const { page } = await on.open(user, { element, tenant: "acme" });
  // Says which step it was that did not come, before the test's own time is up.
  page.setDefaultTimeout(8_000);
  return { user, element: page.locator(`campanile-${element}`) };
}

test("inbox: dismissed, archived, restored", async () => {
  const { user, element } = await show("inbox");
  const { notifications } = on.server.client();
  await notifications.send({ users: [user], title: "A word", tenant: "acme" });
  const row = element.locator("li[data-id]");
  await row.hover();
  await row.getByRole("button", { name: "Dismiss “A word”" }).click();
  await element.getByText("You’re all caught up").waitFor();
  await element.getByRole("tab", { name: "Archived" }).click();
  await row.hover();
  await row.getByRole("button", { name: "Restore “A word”" }).click();
  await element.getByText("Nothing archived").waitFor();
  await eventually(
    async () => (await notifications.list(user)).data[0]?.status,
    (status) => expect(status).toBe("unread"),
  );
});

test("preferences: a box, a channel, a digest and quiet hours stand in the user's document", async () => {
  const { user, element } = await show("preferences");
  const says = (wanted: object) =>
    eventually(
      () => http().get(`/users/${user}/preferences`, { tenant: "acme" }),
      (document) => expect(document).toMatchObject(wanted),
    );
  const box = element.getByRole("checkbox", { name: "Order shipped: Email" });
  await box.uncheck();
  await says({ workflows: { "order-shipped": { channels: { email: "off" } } } });
  await box.check();
  await says({ workflows: { "order-shipped": { channels: { email: "on" } } } });
  await element.getByLabel("How often Email reaches you").selectOption("weekly");
  await says({ digest: { email: "weekly mon at 09:00" } });
  await element.getByRole("switch", { name: "Quiet hours" }).click();
  await element.getByRole("button", { name: "Sunday" }).click();
  await says({ quiet_hours: { windows: [{ on: ["mon", "tue", "wed", "thu", "fri", "sat"] }] } });
  await element.locator("[part~=section-channels]").getByRole("switch", { name: "Email" }).click();
  await says({ channels: { email: "off" } });
  await eventually(
    () => box.isChecked(),
    (checked) => expect(checked).toBe(false),
  );
  expect(await element.locator(".toast").count()).toBe(0);
});

test("channels: a fault beside its field, then a channel, changed, tested and deleted", async () => {
  const { element } = await show("channels");
  await element.getByRole("button", { name: "Add channel" }).click();
  await element.getByRole("menuitem", { name: "Slack" }).click();
  const field = element.getByLabel("Webhook URL");
  await field.fill("nope");
  await field.press("Enter");
  await element.locator("#destination-fault").waitFor();
  await field.fill("https://hooks.slack.example/services/T/B/x");
  await field.press("Enter");
  const card = element.locator("li.channel[data-id]");
  await card.waitFor();
  await card.getByRole("checkbox").first().uncheck();
  await card.getByRole("switch").click();
  await eventually(
    () =>
      http().get<Array<{ is_active: boolean; events_enabled: object }>>("/notifications/configs", {
        tenant: "acme",
      }),
    (configs) =>
      expect(configs).toMatchObject([{ is_active: false, events_enabled: { "order.shipped": false } }]),
  );
  await element.getByRole("button", { name: "Delete Slack" }).click();
  await element.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await element.getByText("No channels yet").waitFor();
});

test("webhooks: made, tested, looked into, rotated and deleted", async () => {
  const { element } = await show("webhooks");
  await element.getByRole("button", { name: "Add endpoint" }).click();
  await element.getByLabel("Endpoint URL").fill("nope");
  const submit = element.locator("form").getByRole("button", { name: "Add endpoint" });
  await submit.click();
  await element.locator("#url-fault").waitFor();
  // A server does not send to itself.
  await element.getByLabel("Endpoint URL").fill(`${on.server.url}/nowhere`);
  await submit.click();
  await element.getByText("This server does not send to itself").waitFor();
  const url = `${on.host.origin}/hook`;
  await element.getByLabel("Endpoint URL").fill(url);
  await element.getByLabel("Only these").check();
  await element.getByRole("checkbox", { name: /order\.shipped/ }).check();
  await submit.click();
  expect(await element.getByLabel("Signing secret").inputValue()).toMatch(/^whsec_/);
  await element.getByRole("button", { name: "Done" }).click();
  await element.getByRole("button", { name: "Send test event" }).click();
  await element.locator(".attempt").first().waitFor({ timeout: 15_000 });
  await element.getByRole("region", { name: "Body" }).waitFor();
  expect(await element.locator(".headers").textContent()).toContain("webhook-id");
  await element.getByRole("button", { name: url }).click();
  await element.getByRole("button", { name: "More actions" }).click();
  await element.getByRole("menuitem", { name: "Rotate secret" }).click();
  await element.getByRole("dialog").getByRole("button", { name: "Rotate secret" }).click();
  await element.getByRole("button", { name: "Done" }).click();
  await element.getByRole("button", { name: "More actions" }).click();
  await element.getByRole("menuitem", { name: "Delete" }).click();
  await element.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await element.getByText("No endpoints yet").waitFor();
});
