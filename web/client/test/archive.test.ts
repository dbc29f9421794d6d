// What was put away: loaded only when asked for, and in step from then on.

import { expect, test } from "vitest";
import { live, stage, until } from "./support.js";

const on = stage();

const archived = (feed: { snapshot: { archive: { items: readonly { title: string }[] } } }) =>
  feed.snapshot.archive.items.map(({ title }) => title);

test("pages of the archive, newest first, and nothing of it before it is asked for", async () => {
  const log = on.server.feed("ada");
  for (let at = 0; at < 7; at += 1) log.set(log.add({ title: `d${at}` }).id, "dismissed");
  log.add({ title: "unread" });
  const feed = on.open();
  await feed.load();
  expect(feed.snapshot.archive).toMatchObject({ loaded: false, items: [] });
  await feed.loadArchive();
  expect(archived(feed)).toEqual(["d6", "d5", "d4", "d3", "d2"]);
  expect(feed.snapshot.archive.hasMore).toBe(true);
  await feed.loadArchive();
  expect(archived(feed)).toEqual(["d6", "d5", "d4", "d3", "d2", "d1", "d0"]);
  expect(feed.snapshot.archive.hasMore).toBe(false);
  expect(feed.items.map(({ title }) => title)).toEqual(["unread"]);
});

test("dismissals and restorals of any window move items between list and archive", async () => {
  const log = on.server.feed("ada");
  const one = log.add({ title: "one" });
  const two = log.add({ title: "two" });
  const feed = on.open();
  await live(feed);
  await feed.load();
  await feed.loadArchive();
  log.set(one.id, "dismissed");
  await until(() => archived(feed).length === 1);
  const sent = feed.dismiss(two.id);
  expect(archived(feed)).toEqual(["two", "one"]);
  expect(await sent).toBe(true);
  await feed.undo(two.id);
  expect(archived(feed)).toEqual(["one"]);
  await feed.markUnread(one.id);
  expect(archived(feed)).toEqual([]);
  expect(feed.items.map(({ title }) => title)).toEqual(["two", "one"]);
});

test("a refused dismissal leaves the archive again", async () => {
  const item = on.server.feed("ada").add({ title: "one" });
  const feed = on.open();
  await feed.load();
  await feed.loadArchive();
  on.server.faults.refuse = (method) => (method === "PATCH" ? 403 : null);
  const sent = feed.dismiss(item.id);
  expect(archived(feed)).toEqual(["one"]);
  expect(await sent).toBe(false);
  expect(archived(feed)).toEqual([]);
});

test("after a reset the archive is the new history's", async () => {
  const log = on.server.feed("ada");
  for (const title of ["kept", "lost"]) log.set(log.add({ title }).id, "dismissed");
  const feed = on.open();
  await live(feed);
  await feed.load();
  await feed.loadArchive();
  expect(archived(feed)).toEqual(["lost", "kept"]);
  log.restore("e2", ({ title }) => title === "kept");
  on.server.dropSockets();
  await until(
    () => feed.snapshot.archive.loaded && archived(feed).join() === "kept",
    () => archived(feed),
  );
});

test("a failure is the archive's own, and the next user's archive is not asked for by itself", async () => {
  const log = on.server.feed("ada");
  log.set(log.add({ title: "gone" }).id, "dismissed");
  let user = "ada";
  const feed = on.open({ token: () => on.server.token(user) });
  await live(feed);
  await feed.load();
  on.server.faults.refuse = () => 400;
  await feed.loadArchive();
  expect(feed.snapshot.archive.error).not.toBeNull();
  expect(feed.snapshot.error).toBeNull();
  on.server.faults.refuse = () => null;
  await feed.loadArchive();
  expect(archived(feed)).toEqual(["gone"]);
  user = "bob";
  on.server.dropSockets(4001);
  await until(() => !feed.snapshot.archive.loaded);
  await live(feed);
  const asked = on.server.requests.filter(({ query }) => query.get("status") === "dismissed");
  expect(asked).toHaveLength(2);
});

test("how many are fresh: those unread, and those read since somebody began to look", async () => {
  const log = on.server.feed("ada");
  const one = log.add({ title: "one" });
  log.add({ title: "two" });
  log.set(log.add({ title: "read" }).id, "read");
  const feed = on.open();
  await feed.load();
  expect(feed.snapshot.fresh).toBe(2);
  await feed.markRead(one.id);
  expect(feed.snapshot.fresh).toBe(2);
  feed.settle();
  expect(feed.snapshot.fresh).toBe(1);
  expect(feed.snapshot.hasMoreUnread).toBe(false);
});
