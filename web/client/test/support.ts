import { afterEach, beforeEach } from "vitest";
import { WebSocket } from "ws";
import { Feed, type FeedOptions, type SocketLike } from "../src/index.js";
import { FakeServer } from "../../testing/fake-server.js";

/** A feed whose waits are short enough for a test. */
export function openFeed(server: FakeServer, options: Partial<FeedOptions> = {}): Feed {
  const feed = new Feed({
    url: server.url,
    token: () => server.token("ada"),
    openSocket: (url) => new WebSocket(url) as unknown as SocketLike,
    backoff: { first: 4, most: 40 },
    retryLine: { first: 120, most: 240 },
    pollInterval: 20,
    pageSize: 5,
    ...options,
  });
  feed.start();
  return feed;
}

/** Waits until it is true; fails with what it saw instead. */
export async function until(
  condition: () => boolean,
  saw: () => unknown = () => "nothing else",
  within = 8_000,
): Promise<void> {
  const end = Date.now() + within;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`It did not become true; saw ${JSON.stringify(saw())}`);
    await pause(2);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Numbers that look random and are the same in every run: a failing history can be run again. */
export function seeded(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

export function titles(feed: Feed): string[] {
  return feed.items.map((item) => item.title);
}

export interface Stage {
  server: FakeServer;
  open(options?: Partial<FeedOptions>): Feed;
}

/** A fresh server for each test, and feeds that end with it. */
export function stage(): Stage {
  const feeds: Feed[] = [];
  const result = {} as Stage;
  result.open = (options = {}) => {
    const feed = openFeed(result.server, options);
    feeds.push(feed);
    return feed;
  };
  beforeEach(async () => {
    result.server = await FakeServer.start();
  });
  afterEach(async () => {
    for (const feed of feeds.splice(0)) feed.stop();
    await result.server.stop();
  });
  return result;
}

export function live(feed: Feed): Promise<void> {
  return until(
    () => feed.state === "live",
    () => feed.state,
  );
}
