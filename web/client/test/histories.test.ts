// Random histories against a model. A user's feed changes, lines drop, frames get lost and doubled, answers come
// late, the server is restored from a backup; in the end every client must show exactly what the server holds,
// and whenever a client claims to be up to date, it must be so at that moment.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Feed } from "../src/index.js";
import { FakeServer } from "../../testing/fake-server.js";
import type { FeedLog } from "../../testing/feed-log.js";
import { openFeed, pause, seeded, until } from "./support.js";

/** More of them: CAMPANILE_HISTORIES=2000 npx vitest run histories */
const HISTORIES = Number(process.env["CAMPANILE_HISTORIES"] ?? 120);
const STEPS = 60;

let server: FakeServer;
beforeAll(async () => {
  server = await FakeServer.start();
});
afterAll(() => server.stop());

type Random = () => number;
type Step = (log: FeedLog, feeds: Feed[], random: Random) => unknown;

const pick = <T>(list: readonly T[], random: Random): T | undefined =>
  list[Math.floor(random() * list.length)];
const anyRow = (log: FeedLog, random: Random) => pick([...log.rows.keys()], random);
const anyShown = (feed: Feed, random: Random) => pick(feed.items, random)?.id;
const anyFeed = (feeds: Feed[], random: Random) => pick(feeds, random)!;

let restored = 0;

/** From a backup: some of what was said is not so any more. Lines do not live through that. */
function restart(log: FeedLog, random: Random): void {
  restored += 1;
  log.restore(`r${restored}`, () => random() < 0.8);
  server.dropSockets();
}

/** What may happen, and how often beside the others. */
const STEPS_BY_WEIGHT: Array<[number, Step]> = [
  [10, (log) => log.add({ title: `t${log.seq}` })],
  [3, (log) => log.add({ title: `a${log.seq}`, app: { id: "app_9", uid: "other", name: "Other" } })],
  [6, (log, _, random) => log.set(anyRow(log, random) ?? "", "read")],
  [4, (log, _, random) => log.set(anyRow(log, random) ?? "", "unread")],
  [3, (log, _, random) => log.set(anyRow(log, random) ?? "", "dismissed")],
  [2, (log, _, random) => log.set(anyRow(log, random) ?? "", "expired")],
  [2, (log, _, random) => log.delete(anyRow(log, random) ?? "")],
  [1, (log) => log.markAll("read")],
  [1, (log) => log.markAll("read", "app_9")],
  [1, (log) => log.markAll("seen")],
  [4, (_, feeds, random) => clientAct(anyFeed(feeds, random), random)],
  [1, (_, feeds, random) => anyFeed(feeds, random).markAllRead()],
  [1, (_, feeds, random) => anyFeed(feeds, random).markAllSeen()],
  [4, (_, feeds, random) => anyFeed(feeds, random).loadMore()],
  [1, (_, feeds, random) => anyFeed(feeds, random).settle()],
  [3, () => server.dropSockets()],
  [1, () => server.dropSockets(4002)],
  [1, (log) => (log.floor = Math.max(0, log.seq - 3))],
  [1, (log, _, random) => restart(log, random)],
  [1, (_, __, random) => (server.faults.noSockets = random() < 0.4)],
  [5, () => pause(3)],
  [2, () => pause(12)],
];
const WEIGHT = STEPS_BY_WEIGHT.reduce((sum, [weight]) => sum + weight, 0);

function clientAct(feed: Feed, random: Random): unknown {
  const id = anyShown(feed, random);
  if (!id) return null;
  const act = pick(["markRead", "markUnread", "dismiss", "click", "undo"] as const, random)!;
  return feed[act](id);
}

function step(log: FeedLog, feeds: Feed[], random: Random): unknown {
  let at = random() * WEIGHT;
  for (const [weight, act] of STEPS_BY_WEIGHT) {
    at -= weight;
    if (at < 0) return act(log, feeds, random);
  }
  return null;
}

function faults(random: Random): void {
  Object.assign(server.faults, {
    latency: () => (random() < 0.5 ? 0 : random() * 8),
    refuse: (method: string) => (random() < 0.06 ? (method === "PATCH" && random() < 0.5 ? 422 : 503) : null),
    lose: () => random() < 0.08,
    merge: () => random() < 0.1,
    repeat: () => random() < 0.1,
  });
}

function calm(): void {
  Object.assign(server.faults, {
    latency: () => 0,
    refuse: () => null,
    lose: () => false,
    merge: () => false,
    repeat: () => false,
    noSockets: false,
  });
}

const brief = (items: readonly { id: string; status: string }[]) =>
  items.map((item) => `${item.id} ${item.status}`);

/** Also while it is all going on: never a negative number, never something on show that is gone. */
function watch(feed: Feed): string[] {
  const wrong: string[] = [];
  feed.subscribe(({ counters, items }) => {
    if (counters.unread < 0 || counters.unseen < 0) wrong.push(`counters ${JSON.stringify(counters)}`);
    if (new Set(items.map((item) => item.id)).size !== items.length) wrong.push("an item twice");
    for (const item of items) {
      if (item.deleted || item.status === "dismissed" || item.status === "expired")
        wrong.push(`shows ${item.status}`);
    }
  });
  return wrong;
}

async function settled(feed: Feed, log: FeedLog): Promise<void> {
  feed.settle();
  const same = () => {
    if (feed.state !== "live" || feed.snapshot.loading) return false;
    if (feed.snapshot.hasMore) return void feed.loadMore() as never as boolean;
    return JSON.stringify(brief(feed.items)) === JSON.stringify(brief(log.shown()));
  };
  const saw = () => ({
    state: feed.state,
    error: feed.snapshot.error?.message,
    client: brief(feed.items),
    server: brief(log.shown()),
    counters: [feed.counters, log.counters()],
  });
  await until(() => (feed.settle(), same()), saw);
  await until(() => JSON.stringify(feed.counters) === JSON.stringify(log.counters()), saw);
}

async function run(seed: number): Promise<void> {
  const random = seeded(seed);
  const user = `user-${seed}`;
  const log = server.feed(user);
  for (let at = 0; at < random() * 30; at += 1) log.add({ title: `before ${at}` });
  const feeds = [1, 2].map(() =>
    openFeed(server, { token: () => server.token(user), pageSize: 4, linesBeforePolling: 2, random }),
  );
  const wrong = feeds.map(watch);
  faults(random);
  try {
    for (let at = 0; at < STEPS; at += 1) await Promise.race([step(log, feeds, random), pause(4)]);
    calm();
    // The last frame may be among the lost: any later one shows the gap.
    await pause(20);
    log.add({ title: "the last" });
    for (const feed of feeds) await settled(feed, log);
    expect(wrong.flat()).toEqual([]);
  } finally {
    calm();
    for (const feed of feeds) feed.stop();
  }
}

test(
  `${HISTORIES} random histories end where the server is`,
  { timeout: 60_000 + HISTORIES * 3_000 },
  async () => {
    for (let seed = 1; seed <= HISTORIES; seed += 1) {
      await run(seed).catch((error: unknown) => {
        throw new Error(`history ${seed}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  },
);
