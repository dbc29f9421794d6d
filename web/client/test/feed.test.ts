// What a page sees of a feed, and what it can do.

import { expect, test } from "vitest";
import { live, pause, stage, titles, until } from "./support.js";

const on = stage();

test("counts first, loads the list when asked", async () => {
  const log = on.server.feed("ada");
  log.add({ title: "one" });
  log.add({ title: "two" });
  const feed = on.open();
  await live(feed);
  expect(feed.counters).toEqual({ unread: 2, unseen: 2 });
  expect(feed.items).toEqual([]);
  expect(on.server.requests).toEqual([]);
  await feed.load();
  expect(titles(feed)).toEqual(["two", "one"]);
  expect(feed.snapshot).toMatchObject({ loaded: true, hasMore: false, error: null });
});

test("shows unread first, then newest, over every page", async () => {
  const log = on.server.feed("ada");
  const made = Array.from({ length: 23 }, (_, at) => log.add({ title: `n${at}` }));
  for (const at of [22, 20, 19, 18, 10, 9, 8, 7, 3]) log.set(made[at]!.id, at % 2 ? "read" : "clicked");
  const feed = on.open();
  await feed.load();
  const first = titles(feed);
  expect(first).toEqual(
    log
      .shown()
      .slice(0, first.length)
      .map((item) => item.title),
  );
  while (feed.snapshot.hasMore) {
    const before = feed.items.length;
    await feed.loadMore();
    expect(titles(feed)).toEqual(
      log
        .shown()
        .slice(0, feed.items.length)
        .map((item) => item.title),
    );
    expect(feed.items.length > before || !feed.snapshot.hasMore).toBe(true);
  }
  expect(titles(feed)).toEqual(log.shown().map((item) => item.title));
});

test("a change of an item that is not loaded yet leaves no hole in the list", async () => {
  const log = on.server.feed("ada");
  const made = Array.from({ length: 30 }, (_, at) => log.add({ title: `n${at}` }));
  const feed = on.open();
  await feed.load();
  await live(feed);
  log.set(made[2]!.id, "clicked");
  log.set(made[2]!.id, "unread");
  await until(() => feed.counters.unread === 30);
  expect(titles(feed)).not.toContain("n2");
  while (feed.snapshot.hasMore) await feed.loadMore();
  expect(titles(feed)).toEqual(log.shown().map((item) => item.title));
});

test("what comes in shows at once", async () => {
  const feed = on.open();
  await feed.load();
  await live(feed);
  on.server.feed("ada").add({ title: "hello" });
  await until(() => feed.items.length === 1);
  expect(feed.counters).toEqual({ unread: 1, unseen: 1 });
});

test.each(["line", "poll"])("counts what arrived, not what changed: by %s", async (way) => {
  on.server.faults.noSockets = way === "poll";
  const log = on.server.feed("ada");
  const old = log.add({ title: "old", tenant: "acme" });
  log.set(old.id, "read");
  log.add({ title: "unread before", tenant: "acme" });
  const feed = on.open({ tenant: "acme", linesBeforePolling: 0 });
  const arrived = (number: number) =>
    until(
      () =>
        feed.snapshot.arrived === number &&
        feed.snapshot.counters.unread === log.counters({ tenant: "acme" }).unread,
      () => feed.snapshot,
    );
  await until(() => feed.snapshot.ready);
  log.set(old.id, "unread");
  log.add({ title: "elsewhere" });
  await arrived(0);
  const item = log.add({ title: "new", tenant: "acme" });
  await arrived(1);
  log.set(item.id, "dismissed");
  await arrived(1);
  log.set(item.id, "unread");
  await arrived(1);
  on.server.dropSockets();
  for (const title of ["meanwhile", "and more"]) log.add({ title, tenant: "acme" });
  log.set(log.add({ title: "read elsewhere", tenant: "acme" }).id, "read");
  await arrived(3);
  await feed.load();
  expect(feed.snapshot.arrived).toBe(3);
});

test("a mark shows before the server answers, and goes back when it refuses", async () => {
  const item = on.server.feed("ada").add({ title: "one" });
  const feed = on.open();
  await feed.load();
  await live(feed);
  on.server.faults.refuse = (method) => (method === "PATCH" ? 422 : null);
  const done = feed.markRead(item.id);
  await pause(0);
  expect(feed.items[0]?.status).toBe("read");
  expect(feed.counters.unread).toBe(0);
  expect(await done).toBe(false);
  expect(feed.items[0]?.status).toBe("unread");
  expect(feed.counters.unread).toBe(1);
  expect(feed.snapshot.changeError).toMatchObject({ status: 422 });
  on.server.faults.refuse = () => null;
  expect(await feed.markRead(item.id)).toBe(true);
  await until(() => on.server.feed("ada").rows.get(item.id)?.status === "read");
  expect(feed.snapshot.changeError).toBeNull();
});

test("the number never wavers while a mark is on its way", async () => {
  const log = on.server.feed("ada");
  const made = [1, 2, 3, 4].map((at) => log.add({ title: `n${at}` }));
  const feed = on.open();
  await feed.load();
  await live(feed);
  on.server.faults.latency = () => 15;
  const seen: number[] = [];
  feed.subscribe((snapshot) => seen.push(snapshot.counters.unread));
  await Promise.all([feed.markRead(made[0]!.id), feed.dismiss(made[1]!.id)]);
  await pause(40);
  expect(seen.every((count, at) => at === 0 || count <= (seen[at - 1] ?? 0))).toBe(true);
  expect(seen.at(-1)).toBe(2);
});

test("dismiss and undo arrive in the order they were made", async () => {
  const item = on.server.feed("ada").add({ title: "one" });
  const feed = on.open();
  await feed.load();
  await live(feed);
  let first = true;
  on.server.faults.latency = () => (first ? ((first = false), 40) : 0);
  const dismissed = feed.dismiss(item.id);
  await pause(0);
  expect(feed.items).toEqual([]);
  const undone = feed.undo(item.id);
  await pause(0);
  expect(titles(feed)).toEqual(["one"]);
  expect(await Promise.all([dismissed, undone])).toEqual([true, true]);
  await until(() => on.server.feed("ada").rows.get(item.id)?.status === "unread");
  expect(feed.counters.unread).toBe(1);
});

test("mark all does not swallow what comes in meanwhile", async () => {
  const log = on.server.feed("ada");
  for (let at = 0; at < 12; at += 1) log.add({ title: `n${at}` });
  const feed = on.open();
  await feed.load();
  await live(feed);
  on.server.faults.latency = () => 20;
  const done = feed.markAllRead();
  await pause(0);
  expect(feed.counters.unread).toBe(0);
  await pause(10);
  log.add({ title: "late" });
  await done;
  await until(() => feed.counters.unread === 1 && feed.items[0]?.title === "late");
  while (feed.snapshot.hasMore) await feed.loadMore();
  expect(feed.items.filter((item) => item.status === "unread").map((item) => item.title)).toEqual(["late"]);
});

test("two feeds of one user are in step", async () => {
  const log = on.server.feed("ada");
  const made = [1, 2, 3].map((at) => log.add({ title: `n${at}` }));
  const [one, two] = [on.open(), on.open()];
  await Promise.all([one.load(), two.load()]);
  await live(one);
  await live(two);
  await one.dismiss(made[0]!.id);
  await until(() => two.items.length === 2);
  await two.markAllRead();
  await until(() => one.counters.unread === 0 && one.items.every((item) => item.is_read));
});

test("a filter lets only its application through, and counts only that", async () => {
  const log = on.server.feed("ada");
  const other = { id: "app_9", uid: "other", name: "Other" };
  log.add({ title: "mine" });
  log.add({ title: "theirs", app: other });
  const feed = on.open({ app: "other" });
  await feed.load();
  await live(feed);
  await until(
    () => feed.counters.unread === 1,
    () => feed.counters,
  );
  expect(titles(feed)).toEqual(["theirs"]);
  log.add({ title: "mine too" });
  log.add({ title: "theirs too", app: other });
  await until(
    () => feed.counters.unread === 2,
    () => feed.counters,
  );
  expect(titles(feed)).toEqual(["theirs too", "theirs"]);
  await feed.markAllRead();
  await until(
    () => feed.counters.unread === 0,
    () => feed.counters,
  );
  expect(log.counters().unread).toBe(2);
});

test("an empty application or tenant is no filter, wherever it is used", async () => {
  const log = on.server.feed("ada");
  log.add({ title: "of a tenant", tenant: "acme" });
  log.add({ title: "of none" });
  const feed = on.open({ app: "", tenant: "" });
  await feed.load();
  await live(feed);
  expect(titles(feed)).toEqual(["of none", "of a tenant"]);
  expect(await feed.markAllRead()).toBe(true);
  const [marked] = on.server.requests.filter(({ method }) => method === "POST");
  expect(marked?.body).toEqual({});
  await until(() => feed.counters.unread === 0);
});

test("read items keep their place while somebody looks, and sink when nobody does", async () => {
  const log = on.server.feed("ada");
  const made = ["a", "b", "c"].map((title) => log.add({ title }));
  const feed = on.open();
  await feed.load();
  await live(feed);
  await feed.markRead(made[2]!.id);
  expect(titles(feed)).toEqual(["c", "b", "a"]);
  feed.settle();
  expect(titles(feed)).toEqual(["b", "a", "c"]);
});

test("what is read already is not asked for again", async () => {
  const log = on.server.feed("ada");
  const item = log.add({ title: "one" });
  log.set(item.id, "clicked");
  const feed = on.open();
  await feed.load();
  expect(await feed.markRead(item.id)).toBe(true);
  expect(on.server.requests.filter(({ method }) => method === "PATCH")).toEqual([]);
});

test("a list that failed stays failed until it is asked for again, whatever else succeeds", async () => {
  on.server.feed("ada").add({ title: "one" });
  on.server.faults.refuse = (method, path) =>
    method === "GET" && path.endsWith("/notifications") ? 403 : null;
  const feed = on.open();
  await live(feed);
  await Promise.all([feed.load(), feed.markAllSeen()]);
  await pause(20);
  expect(feed.snapshot).toMatchObject({ loaded: false, loading: false, error: { status: 403 } });
  on.server.faults.refuse = () => null;
  await feed.loadMore();
  expect(feed.snapshot).toMatchObject({ loaded: true, error: null });
});

test("a click carries one key over its tries, and each click another", async () => {
  const item = on.server.feed("ada").add({ title: "one" });
  const feed = on.open();
  await feed.load();
  await live(feed);
  let refusals = 2;
  on.server.faults.refuse = (method) => (method === "PATCH" && refusals-- > 0 ? 503 : null);
  expect(await feed.click(item.id, "open")).toBe(true);
  expect(await feed.click(item.id, "open")).toBe(true);
  const keys = on.server.requests
    .filter(({ method }) => method === "PATCH")
    .map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(4);
  expect(keys[0]).toMatch(/^[0-9a-f-]{32,36}$/);
  expect(new Set(keys.slice(0, 3))).toEqual(new Set([keys[0]]));
  expect(keys[3]).not.toBe(keys[0]);
});

test("a click has a key also where the page was not loaded securely", async () => {
  const item = on.server.feed("ada").add({ title: "one" });
  const feed = on.open();
  await feed.load();
  const { randomUUID } = crypto;
  Object.assign(crypto, { randomUUID: undefined });
  try {
    expect(await feed.click(item.id)).toBe(true);
  } finally {
    Object.assign(crypto, { randomUUID });
  }
  expect(on.server.requests.at(-1)?.headers["idempotency-key"]).toMatch(/^[0-9a-f]{32}$/);
});
