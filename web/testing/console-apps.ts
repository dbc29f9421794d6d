// Applications, webhooks and keys, as the console's fake server answers them.

import { makeId, type Schemas } from "./console-data.js";
import { on, page, one, done, stamp, fresh, take, problem, type Kept } from "./console-router.js";
import { type Reply } from "./console-server.js";

/* Applications, webhooks, keys */
on("GET", "/apps", ({ world }, { query }) => page(world.apps, query));
on("POST", "/apps", (kept, { body }) => {
  const app = {
    id: fresh(kept, "app"),
    uid: null,
    metadata: null,
    tenant: null,
    created_at: stamp(kept),
    updated_at: stamp(kept),
    ...body,
  } as Schemas["AppView"];
  kept.world.apps.unshift(app);
  return { status: 201, body: app };
});
on("GET", "/apps/{app}/keys", (kept, { query }, { app }) => page(kept.appKeys.get(app!) ?? [], query));
on("POST", "/apps/{app}/keys", (kept, { body }, { app }) => {
  const id = fresh(kept, "key");
  const key = {
    id,
    kind: "application" as const,
    name: (body["name"] as string) ?? null,
    hint: `ak_…${id.slice(-4)}`,
    app_id: app!,
    created_at: stamp(kept),
    expires_at: null,
    revoked_at: null,
  };
  kept.appKeys.set(app!, [key, ...(kept.appKeys.get(app!) ?? [])]);
  return { status: 201, body: { ...key, key: `ak_${makeId("x", id)}` } };
});
on("DELETE", "/apps/{app}/keys/{key}", (kept, _, { app, key }) => {
  kept.appKeys.set(
    app!,
    (kept.appKeys.get(app!) ?? []).filter(({ id }) => id !== key),
  );
  return done;
});
on("GET", "/apps/{app}/webhooks", ({ world }, { query }, { app }) =>
  page(
    world.webhooks.filter(({ app_id }) => app_id === app),
    query,
  ),
);
on("POST", "/apps/{app}/webhooks", (kept, { body }, { app }) => {
  if (!/^https?:/.test(String(body["url"])))
    return problem(422, "invalid", "the webhook is not right", [
      { pointer: "/url", code: "url", detail: "must be an https URL" },
    ]);
  const webhook = {
    id: fresh(kept, "ep"),
    app_id: app!,
    description: "",
    status: "active",
    event_types: null,
    rate_limit: null,
    retry_policy: "long",
    health: { failures: 0 },
    disabled_at: null,
    disabled_reason: null,
    created_at: stamp(kept),
    updated_at: stamp(kept),
    ...body,
  } as Schemas["WebhookView"];
  kept.world.webhooks.push(webhook);
  kept.world.webhookDeliveries.set(webhook.id, []);
  return { status: 201, body: { ...webhook, secret: `whsec_${makeId("s", webhook.id)}` } };
});
on("GET", "/apps/{app}/webhooks/{webhook}", ({ world }, _, { webhook }) =>
  one(world.webhooks.find(({ id }) => id === webhook)),
);
on("PATCH", "/apps/{app}/webhooks/{webhook}", ({ world }, { body }, { webhook }) => {
  const found = world.webhooks.find(({ id }) => id === webhook);
  return one(found && Object.assign(found, body));
});
on(
  "DELETE",
  "/apps/{app}/webhooks/{webhook}",
  ({ world }, _, { webhook }) => (take(world.webhooks, ({ id }) => id !== webhook), done),
);
on("POST", "/apps/{app}/webhooks/{webhook}/test", (kept) => ({
  status: 202,
  body: { delivery_id: fresh(kept, "dlv") },
}));
on("POST", "/apps/{app}/webhooks/{webhook}/recover", () => ({ status: 202, body: { ok: true } }));
on("POST", "/apps/{app}/webhooks/{webhook}/rotate-secret", (kept) => ({
  body: { secret: `whsec_${fresh(kept, "s")}` },
}));
on("POST", "/apps/{app}/portal", (kept, { body }) => portal(kept, body));
on("POST", "/tenants/{tenant}/portal", (kept, { body }) => portal(kept, body));
on("GET", "/apps/{app}", ({ world }, _, { app }) =>
  one(world.apps.find(({ id, uid }) => id === app || uid === app)),
);
on("PATCH", "/apps/{app}", ({ world }, { body }, { app }) => {
  const found = world.apps.find(({ id }) => id === app);
  return one(found && Object.assign(found, body));
});
on("DELETE", "/apps/{app}", ({ world }, _, { app }) => (take(world.apps, ({ id }) => id !== app), done));
function portal(kept: Kept, body: Record<string, unknown>): Reply {
  const token = `pt_${fresh(kept, "p")}`;
  return {
    body: {
      id: fresh(kept, "ptk"),
      token,
      url: `https://campanile.example/portal/#token=${token}`,
      expires_at: new Date(kept.world.now + 86_400_000).toISOString(),
      read_only: body["read_only"] ?? false,
    },
  };
}
on("GET", "/keys", (kept, { query }) => page(kept.keys, query));
on("POST", "/keys", (kept, { body }) => {
  const id = fresh(kept, "key");
  const prefix = body["kind"] === "public" ? "pk" : "sk";
  const key = {
    id,
    kind: body["kind"] as "secret",
    name: (body["name"] as string) ?? null,
    hint: `${prefix}_…${id.slice(-4)}`,
    app_id: null,
    created_at: stamp(kept),
    expires_at: null,
    revoked_at: null,
  };
  kept.keys.unshift(key);
  return { status: 201, body: { ...key, key: `${prefix}_${makeId("x", id)}` } };
});
on("DELETE", "/keys/{key}", (kept, _, { key }) => (take(kept.keys, ({ id }) => id !== key), done));
on("GET", "/token-keys", (kept, { query }) => page(kept.tokenKeys, query));
on("POST", "/token-keys", (kept, { body }) => {
  const key = {
    id: fresh(kept, "tk"),
    name: null,
    created_at: stamp(kept),
    ...body,
  } as Schemas["TokenKeyView"];
  kept.tokenKeys.unshift(key);
  return { status: 201, body: key };
});
on("DELETE", "/token-keys/{key}", (kept, _, { key }) => (take(kept.tokenKeys, ({ id }) => id !== key), done));
on("POST", "/token-secret/rotate", (kept) => ({ body: { secret: `ts_${fresh(kept, "s")}` } }));
