// Staying with the server: lines that drop, polls, tokens, other histories, other users.

import { expect, test } from "vitest";
import { live, pause, stage, titles, until } from "./support.js";

const on = stage();

test("resumes with its number and epoch, and gets what it missed", async () => {
  const log = on.server.feed("ada");
  const item = log.add({ title: "one" });
  const feed = on.open();
  await feed.load();
  await live(feed);
  on.server.dropSockets();
  log.add({ title: "two" });
  log.set(item.id, "read");
  log.delete(item.id);
  await until(
    () => titles(feed).join() === "two",
    () => titles(feed),
  );
  expect(feed.counters.unread).toBe(1);
  expect(on.server.requests.filter((request) => request.method === "GET")).toHaveLength(2);
});

test("another epoch: shows the old list until the whole new one is there", async () => {
  const log = on.server.feed("ada");
  for (let at = 0; at < 8; at += 1) log.add({ title: `n${at}` });
  const feed = on.open();
  await feed.load();
  await live(feed);
  const before = feed.items.length;
  const lengths = new Set<number>();
  feed.subscribe((snapshot) => lengths.add(snapshot.items.length));
  on.server.faults.latency = () => 20;
  log.restore("e2", (row) => row.seq <= 6);
  on.server.dropSockets();
  await until(
    () => titles(feed)[0] === "n5",
    () => titles(feed),
  );
  expect([...lengths].every((length) => length === before || length >= 5)).toBe(true);
  while (feed.snapshot.hasMore) await feed.loadMore();
  expect(titles(feed)).toEqual(log.shown().map((item) => item.title));
});

test("polls when no line can be had, and returns to the line", async () => {
  on.server.faults.noSockets = true;
  const log = on.server.feed("ada");
  const item = log.add({ title: "one" });
  const feed = on.open({ linesBeforePolling: 2 });
  await feed.load();
  await until(
    () => feed.state === "polling",
    () => feed.state,
  );
  log.add({ title: "two" });
  await until(() => feed.items.length === 2);
  expect(await feed.markRead(item.id)).toBe(true);
  await until(() => feed.items.find(({ id }) => id === item.id)?.status === "read");
  await feed.markAllRead();
  await until(() => feed.counters.unread === 0);
  on.server.faults.noSockets = false;
  await live(feed);
  log.add({ title: "three" });
  await until(() => feed.counters.unread === 1);
});

test("offline when not even a poll gets through", async () => {
  const feed = on.open({ linesBeforePolling: 1 });
  await live(feed);
  on.server.faults.noSockets = true;
  on.server.faults.refuse = () => 503;
  on.server.dropSockets();
  await until(
    () => feed.state === "offline",
    () => feed.state,
  );
  on.server.faults.refuse = () => null;
  on.server.faults.noSockets = false;
  await live(feed);
});

test("no token: nothing is asked of the server, until there is one", async () => {
  let token: string | null = null;
  const feed = on.open({ token: () => token });
  await pause(30);
  expect(feed.snapshot).toMatchObject({ state: "idle", signedIn: false, ready: false });
  expect(on.server.requests).toEqual([]);
  token = on.server.token("ada");
  feed.start();
  await live(feed);
  expect(feed.snapshot.signedIn).toBe(true);
});

test("gives the open line a new token before the old one ends", async () => {
  let asked = 0;
  const feed = on.open({ token: () => (asked++, on.server.token("ada", 6)) });
  await live(feed);
  await until(() => on.server.received.some((frame) => (frame as { type: string }).type === "token"));
  expect(asked).toBe(2);
  expect(on.server.sockets.size).toBe(1);
  expect(feed.state).toBe("live");
});

test("a line closed for its token comes back with another one", async () => {
  const tokens: string[] = [];
  const feed = on.open({
    token: () => {
      tokens.push(on.server.token("ada"));
      return tokens.at(-1)!;
    },
  });
  await live(feed);
  on.server.dropSockets(4001);
  await until(
    () => tokens.length === 2 && feed.state === "live",
    () => [tokens.length, feed.state],
  );
});

test("refused twice: expired, until started again", async () => {
  const bad = on.server.token("ada");
  on.server.revoke(bad);
  let token = bad;
  const feed = on.open({ token: () => token });
  await until(
    () => feed.state === "expired",
    () => feed.state,
  );
  token = on.server.token("ada");
  feed.start();
  await live(feed);
});

test("refused while polling: a new token brings the line at once", async () => {
  const tokens = [on.server.token("ada"), on.server.token("ada")];
  let token = tokens[0]!;
  on.server.faults.noSockets = true;
  const feed = on.open({
    token: () => token,
    linesBeforePolling: 1,
    retryLine: { first: 60_000, most: 60_000 },
  });
  await until(() => feed.state === "polling");
  on.server.revoke(token);
  await until(
    () => feed.state === "expired",
    () => feed.state,
  );
  const states = new Set<string>();
  feed.subscribe(({ state }) => states.add(state));
  on.server.faults.noSockets = false;
  token = tokens[1]!;
  feed.start();
  await live(feed);
  expect([...states]).not.toContain("polling");
});

test.each([4001, 4003])(
  "a line closed with %i and no token to be had: signed in still, and offline",
  async (code) => {
    on.server.feed("ada").add({ title: "one" });
    let down = false;
    const feed = on.open({
      linesBeforePolling: 1,
      token: () => {
        if (down) throw new Error("The host page's backend is down");
        return on.server.token("ada");
      },
    });
    await feed.load();
    await live(feed);
    const signedIn = new Set<boolean>();
    feed.subscribe((snapshot) => signedIn.add(snapshot.signedIn));
    down = true;
    on.server.dropSockets(code);
    await until(
      () => feed.state === "offline",
      () => feed.state,
    );
    expect(titles(feed)).toEqual(["one"]);
    down = false;
    await live(feed);
    expect([...signedIn]).toEqual([true]);
  },
);

test("another user's token: nothing of the first one stays", async () => {
  on.server.feed("ada").add({ title: "for ada" });
  on.server.feed("bob").add({ title: "for bob" });
  let user = "ada";
  const feed = on.open({ token: () => on.server.token(user) });
  await feed.load();
  await live(feed);
  expect(titles(feed)).toEqual(["for ada"]);
  user = "bob";
  on.server.dropSockets(4001);
  await until(() => feed.items.length === 0);
  await until(() => feed.counters.unread === 1 && feed.state === "live");
  await feed.load();
  expect(titles(feed)).toEqual(["for bob"]);
});

test("a server that puts changes together and says how far it told is not asked again", async () => {
  const log = on.server.feed("ada");
  const feed = on.open();
  await feed.load();
  await live(feed);
  // Held back, held back, told together.
  const answers = [true, true, true, true, true, false];
  on.server.faults.merge = () => answers.shift() ?? false;
  for (const title of ["one", "two", "three"]) log.add({ title });
  await until(
    () => feed.items.length === 3,
    () => titles(feed),
  );
  expect(on.server.received).toEqual([]);
});

test("a lost frame shows as a gap, and what is missing is asked for", async () => {
  const log = on.server.feed("ada");
  const feed = on.open();
  await feed.load();
  await live(feed);
  on.server.faults.lose = () => true;
  log.add({ title: "lost" });
  on.server.faults.lose = () => false;
  log.add({ title: "found" });
  await until(
    () => titles(feed).join() === "found,lost",
    () => titles(feed),
  );
  expect(on.server.received).toMatchObject([{ type: "after" }]);
});

test("a poll that brings many changes asks for the rest at once", async () => {
  on.server.faults.noSockets = true;
  const log = on.server.feed("ada");
  const feed = on.open({ linesBeforePolling: 1, pollInterval: 10_000, pageSize: 500 });
  await feed.load();
  await until(() => feed.state === "polling");
  for (let at = 0; at < 70; at += 1) log.add({ title: `n${at}` });
  feed.start();
  await until(() => feed.items.length === 70);
  const polls = on.server.requests.filter(({ path }) => path.endsWith("/feed"));
  expect(polls.length).toBeGreaterThanOrEqual(3);
});

test("a list that could not be loaded is loaded when the server is there again", async () => {
  on.server.feed("ada").add({ title: "one" });
  on.server.faults.refuse = () => 503;
  on.server.faults.noSockets = true;
  const feed = on.open();
  await feed.load();
  expect(feed.snapshot.error).toMatchObject({ status: 503 });
  on.server.faults.refuse = () => null;
  on.server.faults.noSockets = false;
  await until(() => feed.items.length === 1);
  expect(feed.snapshot.error).toBeNull();
});

test("a list read before the line began leaves no hole between the two", async () => {
  const log = on.server.feed("ada");
  log.add({ title: "one" });
  on.server.faults.noSockets = true;
  on.server.faults.latency = () => 120;
  const feed = on.open({ backoff: { first: 30, most: 30 }, linesBeforePolling: 99 });
  const loaded = feed.load();
  await until(() => on.server.requests.length === 1);
  log.add({ title: "two" });
  on.server.faults.noSockets = false;
  await until(() => feed.snapshot.ready);
  expect(feed.snapshot.loaded).toBe(false);
  await loaded;
  expect(titles(feed)).toEqual(["two", "one"]);
  expect(feed.counters.unread).toBe(2);
});

test("a list asked for by one user is not given to the next", async () => {
  on.server.feed("ada").add({ title: "for ada" });
  for (const title of ["for bob", "for bob too"]) on.server.feed("bob").add({ title });
  let user = "ada";
  const feed = on.open({ token: () => on.server.token(user) });
  await live(feed);
  const shown = new Set<string>();
  feed.subscribe(({ items }) => items.forEach((item) => shown.add(item.title)));
  on.server.faults.latency = () => 60;
  void feed.load();
  await until(() => on.server.requests.length === 1);
  user = "bob";
  on.server.dropSockets(4001);
  await until(() => feed.counters.unread === 2);
  void feed.load();
  await until(
    () => titles(feed).join() === "for bob too,for bob",
    () => titles(feed),
  );
  expect(shown).not.toContain("for ada");
});

test("a count asked for by one user is not given to the next", async () => {
  for (let at = 0; at < 4; at += 1) on.server.feed("ada").add({ title: `n${at}`, tenant: "acme" });
  // As many changes as the other user had: the number alone tells nothing.
  const bob = on.server.feed("bob");
  bob.add({ title: "of acme", tenant: "acme" });
  bob.add({ title: "of none" });
  bob.set(bob.add({ title: "read" }).id, "read");
  expect(bob.seq).toBe(on.server.feed("ada").seq);
  let user = "ada";
  const feed = on.open({ tenant: "acme", token: () => on.server.token(user) });
  on.server.faults.latency = () => 300;
  await until(() => on.server.requests.length === 1);
  const unread: number[] = [];
  feed.subscribe(({ counters }) => unread.push(counters.unread));
  user = "bob";
  on.server.dropSockets(4001);
  await until(
    () => feed.counters.unread === 1,
    () => feed.counters,
  );
  expect(unread).toContain(0);
  expect(unread.slice(unread.indexOf(0))).not.toContain(4);
});

test("a poll by one user says nothing about the next", async () => {
  on.server.faults.noSockets = true;
  on.server.faults.latency = () => 100;
  for (const title of ["one", "two", "three"]) on.server.feed("ada").add({ title });
  on.server.feed("bob").add({ title: "for bob" });
  let user = "ada";
  // So short a token is asked for anew before each request.
  const feed = on.open({ token: () => on.server.token(user, 4), linesBeforePolling: 0, pollInterval: 40 });
  const firstPolls = () => on.server.requests.filter(({ query }) => query.get("limit") === "1");
  await until(() => firstPolls().length === 1);
  const unread = new Set<number>();
  feed.subscribe(({ counters }) => unread.add(counters.unread));
  user = "bob";
  await feed.load();
  await until(
    () => feed.counters.unread === 1,
    () => feed.counters,
  );
  const { seq } = on.server.feed("ada");
  expect(on.server.requests.filter(({ query }) => query.get("after") === String(seq))).toEqual([]);
  expect(unread).not.toContain(3);
});

test("the changes that a poll brings one user are not the next one's", async () => {
  on.server.faults.noSockets = true;
  const ada = on.server.feed("ada");
  on.server.feed("bob").add({ title: "for bob" });
  let user = "ada";
  const feed = on.open({ token: () => on.server.token(user, 4), linesBeforePolling: 0 });
  await feed.load();
  await until(() => feed.state === "polling");
  const shown = new Set<string>();
  feed.subscribe(({ items }) => items.forEach((item) => shown.add(item.title)));
  let first = true;
  on.server.faults.latency = () => (first ? ((first = false), 200) : 0);
  ada.add({ title: "for ada" });
  await until(() => !first);
  user = "bob";
  await feed.markRead("ntf_of_nobody");
  expect(feed.snapshot.ready).toBe(false);
  await feed.load();
  expect(titles(feed)).toEqual(["for bob"]);
  await pause(250);
  expect(shown).not.toContain("for ada");
  expect(changesAsked()).toEqual([]);
});

const changesAsked = () => on.server.requests.filter(({ method }) => method === "PATCH" || method === "POST");

test("a change made in one user's list is not carried out as the next", async () => {
  on.server.feed("ada").add({ title: "for ada" });
  const bob = on.server.feed("bob");
  for (const title of ["for bob", "for bob too"]) bob.add({ title });
  let user = "ada";
  // So short a token is asked for anew before each request.
  const feed = on.open({ token: () => on.server.token(user, 4) });
  await feed.load();
  await live(feed);
  user = "bob";
  expect(await feed.markAllRead()).toBe(false);
  expect(changesAsked()).toEqual([]);
  await until(() => feed.state === "live" && feed.counters.unread === 2);
  expect(feed.snapshot.changeError).toBeNull();
  expect(await feed.markAllRead()).toBe(true);
  expect(bob.counters().unread).toBe(0);
});

test("a change that waits for its next try, and those behind it, end with their user", async () => {
  const item = on.server.feed("ada").add({ title: "for ada" });
  const mine = on.server.feed("bob").add({ title: "for bob", id: item.id });
  let user = "ada";
  const feed = on.open({ token: () => on.server.token(user), backoff: { first: 300, most: 300 } });
  await feed.load();
  await live(feed);
  on.server.faults.refuse = (method) => (method === "PATCH" ? 503 : null);
  const waiting = [feed.markRead(item.id), feed.dismiss(item.id)];
  await until(() => changesAsked().length === 1);
  on.server.faults.refuse = () => null;
  user = "bob";
  on.server.dropSockets(4001);
  await until(() => feed.state === "live" && feed.counters.unread === 1);
  // The same notification, and the next user does not wait for the one before.
  expect(await feed.click(mine.id)).toBe(true);
  expect(changesAsked()).toHaveLength(2);
  expect(await Promise.all(waiting)).toEqual([false, false]);
  expect(changesAsked()).toHaveLength(2);
  expect(on.server.feed("bob").rows.get(mine.id)?.status).toBe("clicked");
});

test("what the server refused one user is not told to the next", async () => {
  const item = on.server.feed("ada").add({ title: "for ada" });
  on.server.feed("bob").add({ title: "for bob" });
  let user = "ada";
  const feed = on.open({ token: () => on.server.token(user) });
  await feed.load();
  await live(feed);
  on.server.faults.refuse = (method) => (method === "PATCH" ? 422 : null);
  on.server.faults.latency = () => 200;
  const refused = feed.markRead(item.id);
  await until(() => changesAsked().length === 1);
  user = "bob";
  on.server.dropSockets(4001);
  await until(() => feed.state === "live" && feed.counters.unread === 1);
  expect(await refused).toBe(false);
  expect(feed.snapshot.changeError).toBeNull();
});
