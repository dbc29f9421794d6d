import { expect, test } from "vitest";
import { makeId } from "../../testing/console-data.js";
import { stage, stands } from "./support.js";

const all = stage();
const first = makeId("evt", 0);
const app = makeId("app", 0);

test("events come in live; paused they wait until they are wanted", async () => {
  const page = await all.open("/events");
  await stands(page, "Events");
  await page.getByText("Live", { exact: true }).waitFor();
  const rows = page.getByRole("grid", { name: "Events" }).getByRole("row");
  const event = all.server.publish("session.escalated");
  await page.locator(`#row-${event.id}`).waitFor();
  expect(await rows.nth(1).getAttribute("id")).toBe(`row-${event.id}`);
  await page.getByRole("button", { name: "Pause" }).click();
  const held = [all.server.publish("proposal.pending"), all.server.publish("proposal.approved")];
  await page.getByRole("button", { name: "2 new events: show" }).click();
  await page.locator(`#row-${held[1]!.id}`).waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
});

test("a line that breaks comes back where it was, and a filter holds for what comes in", async () => {
  const page = await all.open("/events?type=proposal.pending");
  await stands(page, "Events");
  await page.getByText("Live", { exact: true }).waitFor();
  all.server.dropLines();
  await page.getByText("Reconnecting").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  const other = all.server.publish("session.escalated");
  const wanted = all.server.publish("proposal.pending");
  await page.locator(`#row-${wanted.id}`).waitFor();
  expect(await page.locator(`#row-${other.id}`).count()).toBe(0);
});

test("filters stand in the address, and back leads out of them", async () => {
  const page = await all.open("/events");
  await stands(page, "Events");
  await page.getByRole("searchbox", { name: "Event type" }).fill("proposal.approved");
  await page.keyboard.press("Enter");
  await page.waitForURL(/type=proposal.approved/);
  await page.getByRole("button", { name: "More filters" }).click();
  await page.getByRole("textbox", { name: "Tenant" }).fill("acme");
  await page.keyboard.press("Enter");
  await page.waitForURL(/tenant=acme/);
  await page.getByRole("button", { name: "tenant: acme, take away" }).click();
  await page.waitForURL((url) => !url.search.includes("tenant"));
  await page.getByRole("searchbox", { name: "Event type" }).fill("nothing.like.this");
  await page.keyboard.press("Enter");
  await page.getByText("No event is like this").waitFor();
  await page.getByRole("button", { name: "Show all events" }).click();
  await page.getByRole("row").nth(3).waitFor();
});

test("one event by keyboard alone: its payload, who got it and who did not, and back", async () => {
  const page = await all.open("/");
  await stands(page, "Overview");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await stands(page, "Events");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await stands(page, "session.escalated");
  await page.getByRole("region", { name: "Payload" }).getByText("escalation_reason").first().waitFor();
  await page.getByText("Turned off in the user’s own preferences: /channels/email.").waitFor();
  await page.getByText("It is held until quiet hours end").first().waitFor();
  await page.goBack();
  await stands(page, "Events");
});

test("why did Ada get nothing by mail", async () => {
  const page = await all.open(`/events/${first}?app=${app}`);
  await stands(page, "session.escalated");
  await page.getByRole("textbox", { name: "Why did this user get it, or not?" }).fill("ada");
  await page.keyboard.press("Enter");
  await page.getByText("got 1 of 2").waitFor();
  await page.getByText("Turned off in the user’s own preferences").waitFor();
  expect(await page.getByRole("link", { name: "bruno", exact: true }).count()).toBe(0);
  expect(page.url()).toContain("user=ada");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("link", { name: "bruno", exact: true }).waitFor();
});

test("why somebody got nothing at all: not named, or nothing was started", async () => {
  const page = await all.open(`/events/${first}?app=${app}&user=nobody`);
  await page.getByText("got nothing: session-escalated started, and did not name them.").waitFor();
  await page.goto(`${all.server.url}/events/${makeId("evt", 2)}?user=ada`);
  await page.getByText("got nothing: no workflow was started.").waitFor();
  await page.getByText("data.score is 55, which is below 70").first().waitFor();
});

test("an address without its application is found; one of nothing says so", async () => {
  const page = await all.open(`/events/${makeId("evt", 2)}`);
  await page.getByRole("region", { name: "Payload" }).getByText("observationId").first().waitFor();
  await page.goto(`${all.server.url}/events/evt_nothing`);
  await page.getByText("There is no such thing here").first().waitFor();
});

test("where nothing was published yet, the exact command says how", async () => {
  const page = await all.open("/events", { environment: 2 });
  await page.getByText("No events yet").waitFor();
  const command = await page.getByLabel("Command", { exact: true }).textContent();
  expect(command).toContain(`campanile publish --url ${all.server.url}`);
});
