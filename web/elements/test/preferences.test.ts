import { expect, test } from "vitest";
import { eventually, stage, type Shown } from "./support.js";

const on = stage();

const patches = () =>
  on.server.requests.filter(({ method }) => method === "PATCH").map(({ body }) => body as object);
const document = () => on.server.preferences.document;
const says = (wanted: object) =>
  eventually(
    () => document(),
    (now) => expect(now).toMatchObject(wanted),
  );
const channel = ({ element }: Shown, name: string) =>
  element.locator("[part~=section-channels]").getByRole("switch", { name });
const cell = ({ element }: Shown, name: string) => element.getByRole("checkbox", { name });

test("P02, P03: channels, workflows and single boxes are saved as they are changed", async () => {
  const shown = await on.show("preferences");
  const { element, heard } = shown;
  await channel(shown, "Slack").click();
  await says({ channels: { slack: "off" } });
  await element.getByText("Saved", { exact: true }).waitFor();
  await cell(shown, "New observations: Email").uncheck();
  await says({ workflows: { "observation-captured": { channels: { email: "off" } } } });
  await element.getByRole("switch", { name: "Weekly summary, everywhere" }).click();
  await says({ workflows: { "weekly-summary": "off" } });
  await eventually(
    () => cell(shown, "Weekly summary: Email").isChecked(),
    (checked) => expect(checked).toBe(false),
  );
  expect(patches()).toHaveLength(3);
  await eventually(
    () => heard("change"),
    (changes) => expect(changes).toHaveLength(3),
  );
});

test("P05: turning a channel off takes what was on in it along", async () => {
  on.server.preferences.document = {
    workflows: {
      "observation-captured": { send: "on", channels: { email: "on", slack: "on" } },
      "weekly-summary": { channels: { email: "on" } },
    },
  };
  const shown = await on.show("preferences");
  await channel(shown, "Email").click();
  await says({ channels: { email: "off" } });
  expect(document().workflows).toEqual({
    "observation-captured": { send: "on", channels: { slack: "on" } },
  });
  await eventually(
    () => cell(shown, "Weekly summary: Email").isChecked(),
    (checked) => expect(checked).toBe(false),
  );
});

test("what a whole workflow was keeps beside a single box", async () => {
  on.server.preferences.document = { workflows: { "observation-captured": "off" } };
  const shown = await on.show("preferences");
  await cell(shown, "New observations: Email").check();
  await says({ workflows: { "observation-captured": { send: "off", channels: { email: "on" } } } });
  await eventually(
    () => cell(shown, "New observations: In-app").isChecked(),
    (checked) => expect(checked).toBe(false),
  );
});

test("what is fixed is locked, and says why", async () => {
  const shown = await on.show("preferences");
  const fixed = shown.element.getByRole("switch", { name: "In-app: Set by your organisation" });
  await fixed.waitFor();
  expect(await fixed.getAttribute("aria-disabled")).toBe("true");
  await fixed.click({ force: true });
  const locked = cell(shown, "Security alerts: In-app: Set by your organisation");
  expect(await locked.isDisabled()).toBe(true);
  expect(patches()).toEqual([]);
});

test("P04: how often a channel rings", async () => {
  const { element } = await on.show("preferences");
  const often = element.getByLabel("How often Email reaches you");
  await often.selectOption("daily");
  await says({ digest: { email: "daily at 09:00" } });
  await element.getByLabel("Time of the Email digest").fill("07:30");
  await element.getByLabel("Time of the Email digest").dispatchEvent("change");
  await says({ digest: { email: "daily at 07:30" } });
  await often.selectOption("weekly");
  await element.getByLabel("Day of the Email digest").selectOption("fri");
  await says({ digest: { email: "weekly fri at 07:30" } });
  await often.selectOption("1h");
  await says({ digest: { email: "1h" } });
  await often.selectOption("immediate");
  await says({ digest: { email: "immediate" } });
});

test("a frequency of another making stays to be seen", async () => {
  on.server.preferences.document = { digest: { email: "mon-fri at 09:00" } };
  const { element } = await on.show("preferences");
  expect(await element.getByLabel("How often Email reaches you").inputValue()).toBe("mon-fri at 09:00");
});

test("quiet hours: on, days, times, zone, another window, off", async () => {
  const { element } = await on.show("preferences");
  const quiet = element.getByRole("switch", { name: "Quiet hours" });
  await quiet.click();
  await says({ quiet_hours: { windows: [{ during: "22:00-07:00" }] } });
  const window = element.getByRole("group", { name: "Quiet time 1" });
  for (const day of ["Saturday", "Sunday"]) await window.getByRole("button", { name: day }).click();
  await says({ quiet_hours: { windows: [{ on: ["mon", "tue", "wed", "thu", "fri"] }] } });
  await window.getByLabel("From").fill("20:00");
  await window.getByLabel("From").dispatchEvent("change");
  await says({ quiet_hours: { windows: [{ during: "20:00-07:00" }] } });
  await element.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await says({ quiet_hours: { zone: "Asia/Tokyo" } });
  await element.getByLabel("Deliver what was held back as one summary").check();
  await says({ quiet_hours: { gather: true } });
  await element.getByRole("button", { name: "Add a time" }).click();
  await says({ quiet_hours: { windows: [{}, { during: "22:00-07:00" }] } });
  await element.getByRole("button", { name: "Remove quiet time 1" }).click();
  await says({ quiet_hours: { windows: [{ during: "22:00-07:00" }] } });
  await element.getByLabel("Time zone").selectOption("");
  await eventually(
    () => document().quiet_hours?.zone,
    (zone) => expect(zone).toBeUndefined(),
  );
  await quiet.click();
  await eventually(
    () => document().quiet_hours?.windows,
    (windows) => expect(windows).toEqual([]),
  );
});

test("P06: which applications may notify, and categories", async () => {
  const { element } = await on.show("preferences");
  await element.getByRole("switch", { name: "CRM" }).click();
  await says({ apps: { crm: "off" } });
  await element.getByRole("switch", { name: "Marketing" }).click();
  await says({ categories: { marketing: "on" } });
});

test("keyboard alone: everything is reached in order and changed by Space", async () => {
  const shown = await on.show("preferences");
  const { press, focused } = shown;
  await channel(shown, "Slack").waitFor();
  const seen: string[] = [];
  for (let tabs = 0; tabs < 8; tabs += 1) {
    await press("Tab");
    seen.push(await focused());
  }
  expect(seen).toEqual([
    "In-app: Set by your organisation",
    "How often Email reaches you",
    "Email",
    "How often Slack reaches you",
    "Slack",
    "New observations, everywhere",
    "New observations: In-app",
    "New observations: Email",
  ]);
  await press("Space");
  await says({ workflows: { "observation-captured": { channels: { email: "off" } } } });
  expect(await focused()).toBe("New observations: Email");
});

test("a refusal takes back only what was refused, and says so", async () => {
  const shown = await on.show("preferences");
  const slack = channel(shown, "Slack");
  await slack.waitFor();
  on.server.faults.latency = () => 300;
  let first = true;
  on.server.faults.refuse = (method) => {
    if (method !== "PATCH" || !first) return null;
    first = false;
    return 403;
  };
  await slack.click();
  await channel(shown, "Email").click();
  expect(await slack.getAttribute("aria-checked")).toBe("false");
  await eventually(
    () => slack.getAttribute("aria-checked"),
    (checked) => expect(checked).toBe("true"),
  );
  await shown.element.locator(".toast.bad").waitFor();
  await says({ channels: { email: "off" } });
  expect(await channel(shown, "Email").getAttribute("aria-checked")).toBe("false");
  expect(document().channels).toEqual({ email: "off" });
});

test("quiet hours that the server refuses stay in the fields, with what is wrong beside", async () => {
  const { element } = await on.show("preferences");
  await element.getByRole("switch", { name: "Quiet hours" }).click();
  await says({ quiet_hours: {} });
  const { server } = on;
  server.route(({ method, path }) =>
    method === "PATCH" && path.endsWith("/preferences")
      ? {
          status: 422,
          body: {
            status: 422,
            code: "invalid",
            detail: "invalid",
            errors: [{ pointer: "/quiet_hours/windows/0/during", code: "x", detail: "has no length" }],
          },
        }
      : null,
  );
  const window = element.getByRole("group", { name: "Quiet time 1" });
  await window.getByLabel("To").fill("22:00");
  await window.getByLabel("To").dispatchEvent("change");
  await element.locator(".fault").getByText("Has no length").waitFor();
  expect(await window.getByLabel("To").inputValue()).toBe("22:00");
});

test("offline, the session over, and loading again by itself", async () => {
  const shown = await on.show("preferences");
  const { page, element } = shown;
  await channel(shown, "Email").waitFor();
  await page.context().setOffline(true);
  await element.getByText("You’re offline. This is what was last loaded.").waitFor();
  await page.context().setOffline(false);
  await element.locator(".notice").waitFor({ state: "detached" });
  on.server.faults.refuse = () => 401;
  await channel(shown, "Email").click();
  await element.getByText("Your session has ended").waitFor();
  on.server.faults.refuse = () => null;
  await shown.signIn("ada");
  await element.locator(".notice").waitFor({ state: "detached" });
});
