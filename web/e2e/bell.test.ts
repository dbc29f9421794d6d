// The bell of the real server in a real browser, in a page of somebody else's.

import { expect, test } from "vitest";
import { axeViolations } from "../testing/browser.js";
import { eventually, stage, type Bell } from "./support.js";

const on = stage();

/** Another window hears of a change within this many milliseconds. */
const IN_STEP = 1_000;

const send = (user: string, title: string, more: object = {}) =>
  on.server.client().notifications.send({ users: [user], title, ...more });

const shows = (bell: Bell, number: number, timeout = 6_000) =>
  number > 0
    ? bell.badge.filter({ hasText: new RegExp(`^\\s*${number}\\s*$`) }).waitFor({ timeout })
    : bell.badge.waitFor({ state: "detached", timeout });

const unread = async (user: string) => (await on.server.client().notifications.list(user)).counters.unread;

const live = (bell: Bell) =>
  eventually(
    () => bell.page.evaluate(() => document.querySelector("campanile-bell")?.feed?.state),
    (state) => expect(state).toBe("live"),
  );

test("it rings; the panel opens; a click marks as read and follows the link", async () => {
  const user = await on.user();
  const bell = await on.open(user);
  await bell.button.waitFor();
  expect(await bell.badge.count()).toBe(0);
  const { id } = await send(user, "Order 42 was paid", { body: "Thank you", link: "/orders/42" });
  await shows(bell, 1);
  await bell.button.click();
  await bell.rows.first().waitFor();
  expect(await bell.titles()).toEqual(["Order 42 was paid"]);
  await bell.rows.first().locator(".main").click();
  await bell.page.waitForURL(`${on.host.origin}/orders/42`);
  await eventually(
    async () => (await on.server.client().notifications.list(user)).data[0],
    (item) => expect(item).toMatchObject({ id, status: "clicked", is_read: true }),
  );
});

test("without a token there is no bell", async () => {
  const bell = await on.open("user-0", { lifetime: "0" });
  await bell.page.waitForTimeout(500);
  expect(await bell.button.count()).toBe(0);
});

test("a second browser is in step within a second: read, dismiss, undo, mark all", async () => {
  const user = await on.user();
  for (const title of ["one", "two", "three"]) await send(user, title);
  const [first, second] = [await on.open(user), await on.open(user)];
  for (const bell of [first, second]) {
    await shows(bell, 3);
    await bell.button.click();
    await bell.rows.nth(2).waitFor();
    await live(bell);
  }
  await first.rows.nth(2).locator(".main").click();
  await shows(second, 2, IN_STEP);
  await first.rows.nth(0).locator(".dismiss").click();
  await shows(second, 1, IN_STEP);
  await second.rows.filter({ hasText: "three" }).waitFor({ state: "detached", timeout: IN_STEP });
  expect((await second.titles()).sort()).toEqual(["one", "two"]);
  await first.panel.getByRole("button", { name: "Undo" }).click();
  await shows(second, 2, IN_STEP);
  await second.rows.filter({ hasText: "three" }).waitFor({ timeout: IN_STEP });
  await second.panel.getByRole("button", { name: "Mark all as read" }).click();
  await shows(first, 0, IN_STEP);
  await shows(second, 0, IN_STEP);
  await eventually(
    () => unread(user),
    (count) => expect(count).toBe(0),
  );
  await send(user, "four");
  await shows(first, 1, IN_STEP);
  await shows(second, 1, IN_STEP);
});

test("an action is told to the server, and a tenant's bell shows that tenant alone", async () => {
  const user = await on.user();
  const ack = { id: "ack", label: "Acknowledge" };
  const { id } = await send(user, "Disk is full", { actions: [ack], priority: "urgent" });
  const bell = await on.open(user);
  await shows(bell, 1);
  await bell.button.click();
  await bell.rows.getByRole("button", { name: "Acknowledge" }).click();
  await shows(bell, 0);
  await eventually(
    async () => (await on.server.client().notifications.list(user)).data[0],
    (item) => expect(item).toMatchObject({ id, status: "clicked" }),
  );
  await bell.page.evaluate(() => (document.querySelector("campanile-bell")!.tenant = "acme"));
  await live(bell);
  await send(user, "of no tenant");
  await send(user, "of acme", { tenant: "acme" });
  await shows(bell, 1);
  await bell.button.click();
  await bell.rows.first().waitFor();
  expect(await bell.titles()).toEqual(["of acme"]);
  await bell.panel.getByRole("button", { name: "Mark all as read" }).click();
  await shows(bell, 0);
  await eventually(
    () => unread(user),
    (count) => expect(count).toBe(1),
  );
});

test("a hundred and fifty are all there, page by page, unread first", async () => {
  const user = await on.user();
  for (let at = 0; at < 150; at += 1) await send(user, `n${at}`);
  const bell = await on.open(user);
  await bell.badge.filter({ hasText: "99+" }).waitFor();
  await bell.button.click();
  await bell.rows.first().waitFor();
  await eventually(
    async () => {
      await bell.rows.last().scrollIntoViewIfNeeded();
      return bell.rows.count();
    },
    (count) => expect(count).toBe(150),
  );
  expect(new Set(await bell.titles()).size).toBe(150);
});

test.each(["light", "dark"] as const)("axe finds nothing wrong: %s", async (colorScheme) => {
  const user = await on.user();
  await send(user, "With everything", {
    body: "A body\nof two lines",
    link: "/x",
    priority: "high",
    event: "comment.created",
    actions: [{ id: "open", label: "Open", url: "/y" }],
  });
  const bell = await on.open(user, {}, { colorScheme });
  await shows(bell, 1);
  await bell.button.click();
  await bell.rows.first().waitFor();
  expect(await axeViolations(bell.page)).toEqual([]);
});
