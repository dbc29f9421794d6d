// What happens to an open bell when the server, the network or its token goes away.

import { expect, test } from "vitest";
import { eventually, stage, type Bell } from "./support.js";

const on = stage({ away: true });

const send = (user: string, title: string, url = on.server.url) =>
  on.server.client("shop", url).notifications.send({ users: [user], title });

const shows = (bell: Bell, number: number) =>
  bell.badge.filter({ hasText: new RegExp(`^\\s*${number}\\s*$`) }).waitFor({ timeout: 15_000 });

test("the server is restarted while the bell is open: it resumes, with what was published meanwhile", async () => {
  const user = await on.user();
  await send(user, "before");
  const bell = await on.open(user);
  await shows(bell, 1);
  await bell.button.click();
  await bell.rows.first().waitFor();
  const { url } = on.server;
  const head = await eventually(
    () => on.server.client().notifications.list(user),
    ({ counters }) => expect(counters.unseen).toBe(0),
  );
  await on.server.stop();
  // Where the bell does not look: what is published now it can only get by resuming.
  await on.server.start(0);
  await send(user, "meanwhile");
  await on.server.stop();
  await on.server.start(Number(new URL(url).port));
  expect(on.server.url).toBe(url);
  await shows(bell, 2);
  await eventually(bell.titles, (titles) => expect(titles).toEqual(["meanwhile", "before"]));
  await send(user, "after");
  await shows(bell, 3);
  expect(bell.lines.at(-1)!.searchParams.get("after")).toBe(String(head.seq));
});

test("an offline spell ends with everything that was missed", async () => {
  const user = await on.user();
  const bell = await on.open(user);
  await bell.button.waitFor();
  await send(user, "before");
  await shows(bell, 1);
  await bell.button.click();
  await bell.rows.first().waitFor();
  await bell.context.setOffline(true);
  await bell.panel.locator(".notice").waitFor();
  await send(user, "one");
  await send(user, "two");
  await bell.page.waitForTimeout(500);
  expect(await bell.titles()).toEqual(["before"]);
  await bell.context.setOffline(false);
  await shows(bell, 3);
  await eventually(bell.titles, (titles) => expect(titles).toEqual(["two", "one", "before"]));
  await bell.panel.locator(".notice").waitFor({ state: "detached" });
});

test("what is done during a short offline spell is done when it ends", async () => {
  const user = await on.user();
  await send(user, "stays");
  const bell = await on.open(user);
  await shows(bell, 1);
  await bell.button.click();
  await bell.rows.first().waitFor();
  await bell.context.setOffline(true);
  await bell.rows.first().locator(".dismiss").click();
  await eventually(bell.titles, (titles) => expect(titles).toEqual([]));
  await bell.context.setOffline(false);
  await eventually(
    async () => (await on.server.client().notifications.list(user)).data[0]?.status,
    (status) => expect(status).toBe("dismissed"),
  );
});

test("short tokens are renewed on the open line, which is never lost", async () => {
  const user = await on.user();
  const before = on.host.tokens;
  const bell = await on.open(user, { lifetime: "3" });
  await bell.button.waitFor();
  await bell.page.waitForTimeout(8_000);
  expect(on.host.tokens - before).toBeGreaterThanOrEqual(3);
  await send(user, "still there");
  await shows(bell, 1);
  expect(bell.lines).toHaveLength(1);
});

test("a token that counts no more is replaced by a new one, and nothing is missed", async () => {
  const user = await on.user();
  const bell = await on.open(user);
  await bell.button.waitFor();
  const before = on.host.tokens;
  // The secret before the last goes on counting; the one before that does not.
  for (let times = 0; times < 2; times += 1)
    await on.server.client().http.send("POST", "/token-secret/rotate");
  await send(user, "under the new secret");
  await shows(bell, 1);
  await eventually(
    () => on.host.tokens,
    (tokens) => expect(tokens).toBeGreaterThan(before),
  );
  await send(user, "and on");
  await shows(bell, 2);
});
