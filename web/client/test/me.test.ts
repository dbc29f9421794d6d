// What a signed-in user's page asks, and how.

import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiError, Me, SignedOut } from "../src/index.js";
import { FakeServer } from "../../testing/fake-server.js";

let server: FakeServer;
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(() => server.stop());

const me = (options: Partial<ConstructorParameters<typeof Me>[0]> = {}) =>
  new Me({ url: server.url, token: () => server.token("ada"), backoff: { first: 1, most: 2 }, ...options });

test("channels: list, choices, create, change, test, delete; the tenant goes along", async () => {
  const { configs } = me({ tenant: "acme" });
  expect(await configs.list()).toEqual([]);
  expect((await configs.choices()).channels).toHaveLength(3);
  const made = await configs.create({ channel: "email", email_addresses: ["a@x.example"] });
  expect((await configs.update(made.id, { is_active: false })).is_active).toBe(false);
  expect(await configs.test(made.id)).toMatchObject({ success: true });
  await configs.delete(made.id);
  expect(await configs.list()).toEqual([]);
  expect(server.requests.every(({ query }) => query.get("tenant") === "acme")).toBe(true);
  const created = server.requests.find(({ method, path }) => method === "POST" && !path.endsWith("/test"));
  expect(created?.headers["idempotency-key"]).toBeTruthy();
});

test("a test of a channel is not tried again: it may have arrived", async () => {
  const { configs } = me();
  server.faults.refuse = () => 503;
  await expect(configs.test("chc_1")).rejects.toBeInstanceOf(ApiError);
  expect(server.requests).toHaveLength(1);
});

test("preferences: the document, what follows from it, and a patch", async () => {
  const { preferences } = me();
  expect(await preferences.get()).toEqual({});
  expect(await preferences.patch({ channels: { slack: "off" } })).toEqual({ channels: { slack: "off" } });
  const { channels } = await preferences.choices();
  expect(channels.find(({ channel }) => channel === "slack")?.on).toBe(false);
  expect(await preferences.patch({ channels: null })).toEqual({});
});

test("webhooks of the application that the token opens, or of the one that is named", async () => {
  const { webhooks, catalogue } = me({ token: () => "pt_abc" });
  const { secret, ...webhook } = await webhooks.create({ url: "https://x.example/" });
  expect(secret).toMatch(/^whsec_/);
  const { delivery_id: id } = await webhooks.test(webhook.id);
  const delivery = await webhooks.delivery(webhook.id, id);
  expect(delivery.request?.url).toBe("https://x.example/");
  await webhooks.retry(webhook.id, id);
  expect((await webhooks.delivery(webhook.id, id)).attempts_log).toHaveLength(2);
  expect(await catalogue.all()).toHaveLength(6);
  expect(server.requests.every(({ path }) => path.startsWith("/api/v1/apps/me/"))).toBe(true);
  await me({ app: "shop" })
    .webhooks.list()
    .catch(() => null);
  expect(server.requests.at(-1)?.path).toBe("/api/v1/apps/shop/webhooks");
});

test("the whole catalogue, page after page", async () => {
  const [first] = server.webhooks.catalogue;
  server.webhooks.catalogue = Array.from({ length: 230 }, (_, at) => ({ ...first!, name: `e.${at}` }));
  expect(await me().catalogue.all()).toHaveLength(230);
  expect(server.requests).toHaveLength(3);
});

test("nobody signed in; another user", async () => {
  await expect(me({ token: () => null }).configs.list()).rejects.toBeInstanceOf(SignedOut);
  expect(server.requests).toEqual([]);
  let user = "ada";
  let others = 0;
  const mine = me({ token: () => server.token(user, 4), otherUser: () => (others += 1) });
  await mine.configs.list();
  user = "bob";
  const asked = server.requests.length;
  // Meant by ada: not to be done in the name of bob.
  await expect(mine.preferences.patch({ channels: { email: "off" } })).rejects.toBeInstanceOf(SignedOut);
  expect(server.requests).toHaveLength(asked);
  expect(others).toBe(1);
  await mine.configs.list();
  expect(server.requests).toHaveLength(asked + 1);
});
