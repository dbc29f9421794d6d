// The client as a product's backend uses it, against the real server.

import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ApiError, Campanile, Feed, type SocketLike } from "@campanile/client";
import { RealServer } from "../testing/real-server.js";
import { eventually } from "./support.js";

let server: RealServer;
let campanile: Campanile;

beforeAll(async () => {
  server = await RealServer.start();
  campanile = server.client();
  await campanile.apps.create({ uid: "shop", name: "Shop" });
});
afterAll(() => server?.dispose());

/** A network that loses the first answers: the server did what it was asked, and nobody heard. */
function forgetful(answers: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (answers-- > 0) {
      await response.arrayBuffer();
      throw new TypeError("the answer was lost");
    }
    return response;
  };
}

const impatient = { first: 5, most: 20 };

test("an answer that got lost is asked for again under the same Idempotency-Key: one event, one notification", async () => {
  const shaky = new Campanile({
    url: server.url,
    key: server.key,
    app: "shop",
    fetch: forgetful(2),
    backoff: impatient,
  });
  const published = await shaky.events.publish({ type: "order.paid", data: { order: 1 } });
  const { data } = await campanile.events.list({ type: "order.paid" });
  expect(data.map(({ id }) => id)).toEqual([published.event_id]);

  const again = new Campanile({
    url: server.url,
    key: server.key,
    app: "shop",
    fetch: forgetful(2),
    backoff: impatient,
  });
  await again.notifications.send({ users: ["ada"], title: "Paid" });
  const feed = await campanile.notifications.list("ada");
  expect(feed.data).toHaveLength(1);
  expect(feed.counters).toEqual({ unread: 1, unseen: 1 });
});

test("a key and another body is refused, and the caller's own event id deduplicates", async () => {
  const options = { idempotencyKey: "order-7" };
  const first = await campanile.events.publish({ type: "order.seven", data: { order: 7 } }, options);
  expect(await campanile.events.publish({ type: "order.seven", data: { order: 7 } }, options)).toMatchObject({
    event_id: first.event_id,
  });
  const other = campanile.events.publish({ type: "order.seven", data: { order: 8 } }, options);
  await expect(other).rejects.toMatchObject({ status: 409 });
  const own = { type: "order.eight", data: {}, id: "own-8" };
  const one = await campanile.events.publish(own);
  const two = await campanile.events.publish(own);
  expect([one.duplicate, two.duplicate]).toEqual([false, true]);
  expect(two.event_id).toBe(one.event_id);
});

test("batches longer than a request go out in order; the bad ones are named by their place", async () => {
  const events = Array.from({ length: 1_203 }, (_, at) => ({ type: "tick.tock", data: { at } }));
  events[1_100] = { type: "", data: { at: -1 } };
  const answer = await campanile.events.publishBatch(events, { idempotencyKey: "ticks" });
  expect(answer.data).toHaveLength(1_202);
  expect(answer.errors.map(({ index }) => index)).toEqual([1_100]);
  expect(answer.data.at(-1)!.index).toBe(1_202);
});

test("refusals carry the server's words", async () => {
  const nobody = new Campanile({ url: server.url, key: "sk_wrong", app: "shop" });
  await expect(nobody.apps.list()).rejects.toBeInstanceOf(ApiError);
  const refused = (await nobody.apps.list().catch((error: unknown) => error)) as ApiError;
  expect(refused.refused).toBe(true);
  expect(refused.requestId).toMatch(/^req_/);
  const bad = (await campanile.notifications
    .send({ users: ["ada"], title: "" })
    .catch((error: unknown) => error)) as ApiError;
  expect([400, 422]).toContain(bad.status);
  expect(bad.errors[0]).toMatchObject({ pointer: "/title" });
});

test("every call of the client is answered in the shape it promises", async () => {
  const app = await campanile.apps.get("shop");
  expect(await campanile.apps.update("shop", { metadata: { tier: "gold" } })).toMatchObject({
    id: app.id,
    metadata: { tier: "gold" },
  });
  expect((await campanile.apps.list()).data.map(({ id }) => id)).toContain(app.id);
  const key = await campanile.apps.createKey("shop", { name: "ci" });
  expect(key.key).toMatch(/^ak_/);
  expect((await campanile.apps.listKeys("shop")).data[0]).not.toHaveProperty("key");
  await campanile.apps.deleteKey("shop", key.id);

  const hook = await campanile.webhooks.create({
    url: "http://127.0.0.1:9/hook",
    event_types: ["order.paid"],
    retry_policy: "short",
  });
  expect(hook.secret).toMatch(/^whsec_/);
  expect(await campanile.webhooks.get(hook.id)).toMatchObject({ status: "active" });
  expect((await campanile.webhooks.list()).data).toHaveLength(1);
  const rotated = await campanile.webhooks.rotateSecret(hook.id, 60);
  expect(rotated.secret).not.toBe(hook.secret);
  const { delivery_id } = await campanile.webhooks.test(hook.id);
  await eventually(
    async () => (await campanile.webhooks.deliveries(hook.id)).data[0],
    (delivery) => expect(delivery).toMatchObject({ id: delivery_id, attempts: 1, status: "retrying" }),
  );
  await campanile.webhooks.recover(hook.id, { since: new Date(Date.now() - 60_000).toISOString() });
  expect(await campanile.webhooks.update(hook.id, { status: "paused" })).toMatchObject({ status: "paused" });
  await campanile.webhooks.delete(hook.id);

  await campanile.users.put("carl", { name: "Carl", metadata: { seat: 3 } });
  expect(await campanile.users.get("carl")).toMatchObject({ id: "carl", metadata: { seat: 3 } });
  expect((await campanile.users.list()).data.map(({ id }) => id)).toContain("carl");
  const { notification_id } = await campanile.notifications.send({ users: ["carl"], title: "Hello" });
  expect(await campanile.notifications.mark("carl", notification_id, "dismissed")).toMatchObject({
    status: "dismissed",
  });
  await campanile.users.delete("carl");
  await expect(campanile.users.get("carl")).rejects.toMatchObject({ status: 404 });
});

test("a feed is followed from Node as well: live, and by polling where no line can be had", async () => {
  const feeds = [(url: string) => new WebSocket(url) as SocketLike, null].map(
    (openSocket) =>
      new Feed({
        url: server.url,
        token: async () => (await campanile.tokens.create("nora")).token,
        pollInterval: 100,
        linesBeforePolling: 0,
        backoff: impatient,
        openSocket:
          openSocket ??
          (() => {
            throw new Error("no sockets here");
          }),
      }),
  );
  for (const feed of feeds) {
    feed.start();
    await feed.load();
  }
  try {
    for (const title of ["one", "two", "three"])
      await campanile.notifications.send({ users: ["nora"], title });
    for (const [at, feed] of feeds.entries()) {
      await eventually(
        () => feed.snapshot,
        ({ items, counters }) => {
          expect(items.map(({ title }) => title)).toEqual(["three", "two", "one"]);
          expect(counters).toEqual({ unread: 3, unseen: 3 });
        },
      );
      expect(feed.state).toBe(at === 0 ? "live" : "polling");
    }
    await feeds[1]!.markAllRead();
    await feeds[0]!.dismiss(feeds[0]!.items[0]!.id);
    for (const feed of feeds)
      await eventually(
        () => feed.snapshot,
        ({ items, counters }) => {
          expect(items.map(({ title, status }) => `${title} ${status}`)).toEqual(["two read", "one read"]);
          expect(counters.unread).toBe(0);
        },
      );
  } finally {
    for (const feed of feeds) feed.stop();
  }
});
