// The API of the console's fake server, route by route.

import { makeId, type Schemas } from "./console-data.js";
import { choicesOf, config, type Kept } from "./console-kept.js";
import { faultsOf, preview } from "./console-preview.js";
import { problem, type Call, type Reply } from "./console-server.js";
import { runOf, traceOf } from "./console-trace.js";
import { statsOf } from "./console-stats.js";

export type { Kept };

type Handler = (kept: Kept, call: Call, part: Record<string, string>) => Reply | null;
const routes: Array<{ method: string; pattern: RegExp; names: string[]; handler: Handler }> = [];

function on(methods: string, path: string, handler: Handler): void {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const pattern = new RegExp(`^/api/v1${path.replace(/\{\w+\}/g, "([^/]+)")}$`);
  for (const method of methods.split(" ")) routes.push({ method, pattern, names, handler });
}

export function answer(kept: Kept, call: Call): Reply | null {
  for (const { method, pattern, names, handler } of routes) {
    const found = method === call.method ? pattern.exec(call.path) : null;
    if (found)
      return handler(
        kept,
        call,
        Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1]!)])),
      );
  }
  return null;
}

/** A page of rows, by a cursor that is the place of the next. */
function page<T>(rows: T[], query: URLSearchParams): Reply {
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Math.min(Number(query.get("limit") ?? 20), 100);
  return { body: { data: rows.slice(from, to), next_cursor: to < rows.length ? String(to) : null } };
}
const one = (row: unknown): Reply | null => (row ? { body: row } : null);
const done: Reply = { status: 204 };
const stamp = (kept: Kept) => new Date(kept.world.now).toISOString();
const fresh = (kept: Kept, prefix: string) => makeId(prefix, `new${(kept.made += 1)}`);
const wants = (query: URLSearchParams, name: string, value: unknown) =>
  !query.get(name) || query.get(name) === value;
const within = (query: URLSearchParams, at: string) =>
  (!query.get("from") || at >= query.get("from")!) && (!query.get("to") || at < query.get("to")!);
function take<T>(rows: T[], keep: (row: T) => boolean): void {
  rows.splice(0, rows.length, ...rows.filter(keep));
}

/* Events, traces, runs */
on("GET", "/events", ({ world }, { query }) =>
  page(
    world.events.filter(
      (event) =>
        wants(query, "type", event.type) &&
        wants(query, "category", event.category) &&
        wants(query, "tenant", event.tenant) &&
        wants(query, "app", event.app_id) &&
        wants(query, "entity_type", event.entity?.type) &&
        wants(query, "entity_id", event.entity?.id) &&
        (!query.get("user") || event.users.includes(query.get("user")!)) &&
        within(query, event.created_at),
    ),
    query,
  ),
);
on("GET", "/apps/{app}/events/{event}", ({ world }, _, { app, event }) =>
  one(world.events.find(({ id, app_id }) => id === event && app_id === app)),
);
on("GET", "/events/{event}/trace", ({ world }, _, { event }) => {
  const found = world.events.find(({ id }) => id === event);
  return found ? { body: traceOf(world, found) } : null;
});
on("GET", "/users/{user}/trace", ({ world }, { query }, { user }) => {
  const found = world.events.find(({ id }) => id === query.get("event"));
  if (!found) return null;
  const trace = traceOf(world, found);
  return {
    body: {
      ...trace,
      webhooks: [],
      runs: trace.runs.filter((run) => run.user_id === user),
      other_runs: trace.other_runs.filter((run) => run.user_id === user),
    },
  };
});
on("GET", "/runs", ({ world }, { query }) => {
  const user = query.get("user") ?? "ada";
  const events = world.events.filter(({ type }) => type === "session.escalated").slice(0, 12);
  return page(
    events.map((event) => runOf(world, event, "session-escalated", 3, user)),
    query,
  );
});

/* Deliveries */
const UNDELIVERED = ["failed", "exhausted", "cancelled"];
function matching({ world }: Kept, query: URLSearchParams) {
  return world.messages.filter(
    (message) =>
      wants(query, "channel", message.channel) &&
      wants(query, "status", message.status) &&
      wants(query, "user", message.user_id) &&
      wants(query, "workflow", message.workflow) &&
      wants(query, "provider", message.provider) &&
      (query.get("undelivered") !== "true" || UNDELIVERED.includes(message.status)),
  );
}
on("GET", "/deliveries", (kept, { query }) =>
  page(
    matching(kept, query).map(({ content: _, attempts_log: __, callbacks: ___, ...row }) => row),
    query,
  ),
);
on("POST", "/deliveries/retry", (kept, { body }) => {
  const said = new URLSearchParams(
    Object.entries(body).filter(([name]) => name === "channel" || name === "workflow") as string[][],
  );
  const rows = matching(kept, said).filter(({ status }) => (body["status"] as string[]).includes(status));
  if (!body["dry_run"])
    for (const row of rows) Object.assign(row, { status: "pending", error: null, finished_at: null });
  return { body: { matched: rows.length, retried: body["dry_run"] ? 0 : rows.length } };
});
on("GET", "/deliveries/{delivery}", ({ world }, _, { delivery }) =>
  one(world.messages.find(({ id }) => id === delivery)),
);
on("POST", "/deliveries/{delivery}/retry", ({ world }, _, { delivery }) => {
  const found = world.messages.find(({ id }) => id === delivery);
  if (!found) return null;
  if (found.status === "skipped")
    return problem(409, "not_sendable", "nothing was sent, so nothing can be sent again");
  Object.assign(found, { status: "pending", error: null, finished_at: null });
  return { status: 202, body: { ok: true } };
});
on("GET", "/apps/{app}/webhooks/{webhook}/deliveries", ({ world }, { query }, { webhook }) => {
  const rows = world.webhookDeliveries.get(webhook!);
  return rows
    ? page(
        rows.filter((row) => wants(query, "status", row.status) && wants(query, "event", row.event_id)),
        query,
      )
    : null;
});
on("GET", "/apps/{app}/webhooks/{webhook}/deliveries/{delivery}", ({ world }, _, { webhook, delivery }) =>
  one(world.webhookDeliveries.get(webhook!)?.find(({ id }) => id === delivery)),
);
on(
  "POST",
  "/apps/{app}/webhooks/{webhook}/deliveries/{delivery}/retry",
  ({ world }, _, { webhook, delivery }) => {
    const found = world.webhookDeliveries.get(webhook!)?.find(({ id }) => id === delivery);
    if (found) Object.assign(found, { status: "sent", status_code: 200, error: null });
    return found ? { status: 202, body: { ok: true } } : null;
  },
);

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

/* Event types, templates, workflows */
on("GET", "/event-types", ({ world }, { query }) => page(world.eventTypes, query));
on("POST", "/event-types", (kept, { body }) => {
  const type = {
    description: "",
    version: "2026-02-07",
    visibility: "app",
    public_name: null,
    public_fields: null,
    schema: null,
    created_at: stamp(kept),
    updated_at: stamp(kept),
    ...body,
  } as Schemas["EventTypeView"];
  take(kept.world.eventTypes, ({ name }) => name !== type.name);
  kept.world.eventTypes.push(type);
  return { status: 201, body: type };
});
on("GET", "/event-types/{name}", ({ world }, _, { name }) =>
  one(world.eventTypes.find((type) => type.name === name)),
);
on("PATCH", "/event-types/{name}", ({ world }, { body }, { name }) => {
  const found = world.eventTypes.find((type) => type.name === name);
  return one(found && Object.assign(found, body));
});
on(
  "DELETE",
  "/event-types/{name}",
  ({ world }, _, { name }) => (take(world.eventTypes, (type) => type.name !== name), done),
);
on("GET", "/templates", ({ world }, { query }) => page(world.templates, query));
on("GET", "/templates/{name}", ({ world }, _, { name }) =>
  one(world.templates.find((template) => template.name === name)),
);
on("PUT", "/templates/{name}", (kept, { body }, { name }) => {
  const source = String(body["source"]);
  if ((source.match(/\{\{/g)?.length ?? 0) !== (source.match(/\}\}/g)?.length ?? 0))
    return problem(422, "invalid", "the template is not right", [
      {
        pointer: "/source",
        code: "template",
        detail: `line ${source.slice(0, source.lastIndexOf("{{")).split("\n").length}, column 3: the output is not closed`,
      },
    ]);
  let found = kept.world.templates.find((template) => template.name === name);
  if (!found)
    kept.world.templates.push(
      (found = { name: name!, source, created_at: stamp(kept), updated_at: stamp(kept) }),
    );
  return one(Object.assign(found, { source, updated_at: stamp(kept) }));
});
on(
  "DELETE",
  "/templates/{name}",
  ({ world }, _, { name }) => (take(world.templates, (template) => template.name !== name), done),
);
on("GET", "/workflows", ({ world }, { query }) => page(world.workflows, query));
on("POST", "/workflows/preview", ({ world }, { body }) => {
  const resources = (body["resources"] as Array<Record<string, unknown>> | undefined) ?? [];
  const faults = resources.flatMap((resource, index) =>
    resource["kind"] === "workflow" ? faultsOf(resource, `/resources/${index}`) : [],
  );
  return faults.length > 0
    ? problem(422, "invalid", "the preview cannot be played", faults)
    : { body: preview(world, body) };
});
on("GET", "/workflows/{key}/versions", ({ world }, _, { key }) => {
  const all = world.versions.get(key!);
  return all
    ? {
        body: {
          data: all.map(({ version, created_at }, index) => ({ version, created_at, active: index === 0 })),
          next_cursor: null,
        },
      }
    : null;
});
on("GET", "/workflows/{key}/versions/{n}", ({ world }, _, { key, n }) =>
  one(world.versions.get(key!)?.find(({ version }) => version === Number(n))?.spec),
);
on("GET", "/workflows/{key}", ({ world }, _, { key }) =>
  one(world.workflows.find((workflow) => workflow.key === key)),
);
on("PUT", "/workflows/{key}", (kept, { body }, { key }) => {
  const faults = faultsOf(body);
  if (faults.length > 0) return problem(422, "invalid", "the workflow is not right", faults);
  let found = kept.world.workflows.find((workflow) => workflow.key === key);
  if (!found)
    kept.world.workflows.unshift(
      (found = { key: key!, version: 0, spec: body, created_at: stamp(kept), updated_at: stamp(kept) }),
    );
  Object.assign(found, { version: found.version + 1, spec: { key, ...body }, updated_at: stamp(kept) });
  kept.world.versions.set(key!, [
    { version: found.version, created_at: stamp(kept), spec: found.spec },
    ...(kept.world.versions.get(key!) ?? []),
  ]);
  return one(found);
});
on(
  "DELETE",
  "/workflows/{key}",
  ({ world }, _, { key }) => (take(world.workflows, (workflow) => workflow.key !== key), done),
);

/* People */
on("GET", "/users", ({ world }, { query }) => page(world.users, query));
on("GET", "/users/{user}/notifications", ({ world }, _, { user }) => ({
  body: {
    data: feedOf(world, user!),
    next_cursor: null,
    counters: { unread: 3, unseen: 1 },
    epoch: "1",
    seq: 40,
  },
}));
on("GET", "/users/{user}/preferences/choices", (kept, _, { user }) => ({ body: choicesOf(kept, user!) }));
on("GET", "/users/{user}/preferences", (kept, _, { user }) => ({ body: kept.preferences.get(user!) ?? {} }));
on("PATCH", "/users/{user}/preferences", (kept, { body }, { user }) => {
  const merged = merge(kept.preferences.get(user!) ?? {}, body) as Record<string, unknown>;
  kept.preferences.set(user!, merged);
  return { body: merged };
});
on("GET", "/users/{user}", ({ world }, _, { user }) => one(world.users.find(({ id }) => id === user)));
on("GET", "/tenants", ({ world }, { query }) => page(world.tenants, query));
on("GET", "/tenants/{tenant}/members", ({ world }, { query }, { tenant }) =>
  page(world.members.get(tenant!) ?? [], query),
);
on("PUT", "/tenants/{tenant}/members/{user}", (kept, { body }, { tenant, user }) => {
  const all = kept.world.members.get(tenant!) ?? [];
  const member = { user_id: user!, role: body["role"] as "member", created_at: stamp(kept) };
  kept.world.members.set(tenant!, [...all.filter(({ user_id }) => user_id !== user), member]);
  return { body: member };
});
on("DELETE", "/tenants/{tenant}/members/{user}", ({ world }, _, { tenant, user }) => {
  world.members.set(
    tenant!,
    (world.members.get(tenant!) ?? []).filter(({ user_id }) => user_id !== user),
  );
  return done;
});
on("GET", "/tenants/{tenant}/application", ({ world }, _, { tenant }) =>
  one(world.apps.find((app) => app.tenant === tenant)),
);
on("GET", "/tenants/{tenant}/preferences", () => ({ body: {} }));
on("GET", "/tenants/{tenant}", ({ world }, _, { tenant }) =>
  one(world.tenants.find(({ id }) => id === tenant)),
);
on("GET", "/notifications/configs", (kept, { query }) => ({
  body: kept.configs.filter((one) => one.account_id === query.get("tenant")),
}));
on("GET", "/notifications/configs/choices", () => ({
  body: {
    channels: [
      { channel: "email", label: "Email", available: true, reason: null },
      { channel: "slack_webhook", label: "Slack", available: true, reason: null },
      { channel: "teams_webhook", label: "Microsoft Teams", available: true, reason: null },
    ],
    events: [
      { event: "session.escalated", label: "Session Escalated" },
      { event: "session.high_priority", label: "High Priority Session" },
      { event: "proposal.pending", label: "New Flow Proposal" },
      { event: "proposal.approved", label: "Proposal Approved" },
      { event: "knowledge_gap.detected", label: "Knowledge Gap Detected" },
    ],
  },
}));
on("POST", "/notifications/configs/test", () => ({
  body: { success: true, message: "Test message sent to Slack" },
}));
on("POST", "/notifications/configs", (kept, { body, query }) => {
  const made = config(100 + (kept.made += 1), query.get("tenant") ?? "", String(body["channel"]), body, () =>
    stamp(kept),
  );
  kept.configs.push(made);
  return { status: 201, body: made };
});
on("PATCH", "/notifications/configs/{config}", (kept, { body }, { config: id }) => {
  const found = kept.configs.find((one) => one.id === id);
  return one(found && Object.assign(found, body));
});
on(
  "DELETE",
  "/notifications/configs/{config}",
  (kept, _, { config: id }) => (take(kept.configs, (one) => one.id !== id), done),
);
function feedOf(world: Kept["world"], user: string) {
  const statuses = ["unread", "unread", "read", "clicked", "dismissed", "unread", "read", "expired"] as const;
  return world.events
    .filter(({ type }) => type.startsWith("session"))
    .slice(0, 8)
    .map((event, index) => {
      const run = runOf(world, event, "session-escalated", 3, user);
      const data = event.data as Record<string, string>;
      const status = statuses[index]!;
      return {
        id: run.steps[0]!.notification_id!,
        delivery_id: makeId("dlv", `f${index}`),
        user_id: user,
        seq: 40 - index,
        event: event.type,
        event_id: event.id,
        external_id: null,
        title: `Session escalated by ${data["engineer_name"]}`,
        body: `Reason: ${data["escalation_reason"]}`,
        link: `/sessions/${data["session_id"]}`,
        actions: [],
        priority: index === 0 ? "high" : "normal",
        metadata: {},
        tenant: event.tenant,
        app: { id: event.app_id, uid: "helpdesk", name: "Help desk" },
        status,
        is_read: status !== "unread",
        deleted: false,
        created_at: event.created_at,
        seen_at: null,
        read_at: null,
        clicked_at: null,
        dismissed_at: null,
        expired_at: null,
        expires_at: null,
      };
    });
}
function merge(into: unknown, patch: unknown): unknown {
  if (!patch || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> = { ...(into as Record<string, unknown> | undefined) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}

/* Channels, team, audit, settings, numbers */
on("GET", "/channels", (kept, { query }) => page(kept.channels, query));
on("GET", "/channels/{channel}/suppressions", (kept, { query }, { channel }) =>
  page(
    kept.suppressions.filter((row) => row.channel === channel),
    query,
  ),
);
on("PUT", "/channels/{channel}/suppressions/{address}", (kept, _, { channel, address }) => {
  const row = {
    address: address!,
    channel: channel as "email",
    why: "manual" as const,
    delivery_id: null,
    created_at: stamp(kept),
  };
  kept.suppressions.unshift(row);
  return { status: 201, body: row };
});
on(
  "DELETE",
  "/channels/{channel}/suppressions/{address}",
  (kept, _, { address }) => (take(kept.suppressions, (row) => row.address !== address), done),
);
on("GET", "/channels/{channel}", (kept, _, { channel }) =>
  one(kept.channels.find((row) => row.channel === channel)),
);
on("PUT", "/channels/{channel}", (kept, { body }, { channel }) => {
  if (channel === "email" && !body["from"])
    return problem(422, "invalid", "the channel is not right", [
      { pointer: "/from", code: "required", detail: "must say who sends" },
    ]);
  let found = kept.channels.find((row) => row.channel === channel);
  if (!found)
    kept.channels.push(
      (found = {
        id: makeId("chn", channel!),
        channel: channel!,
        settings: {},
        callbacks: {},
        created_at: stamp(kept),
        updated_at: stamp(kept),
      }),
    );
  return one(Object.assign(found, { settings: body, updated_at: stamp(kept) }));
});
on(
  "DELETE",
  "/channels/{channel}",
  (kept, _, { channel }) => (take(kept.channels, (row) => row.channel !== channel), done),
);
on("GET", "/team/invitations", (kept, { query }) => page(kept.invitations, query));
on("POST", "/team/invitations", (kept, { body }) => {
  const id = fresh(kept, "inv");
  const row = {
    id,
    tenant: null,
    expires_at: new Date(kept.world.now + 7 * 86_400_000).toISOString(),
    ...body,
  } as Kept["invitations"][number];
  kept.invitations.unshift(row);
  return { body: { ...row, link: `https://campanile.example/login#code=${makeId("c", id)}` } };
});
on(
  "DELETE",
  "/team/invitations/{id}",
  (kept, _, { id }) => (take(kept.invitations, (row) => row.id !== id), done),
);
on("GET", "/team", (kept, { query }) => page(kept.team, query));
on("PATCH", "/team/{account}", (kept, { body }, { account }) => {
  const found = kept.team.find(({ account_id }) => account_id === account);
  return one(found && Object.assign(found, body));
});
on(
  "DELETE",
  "/team/{account}",
  (kept, _, { account }) => (take(kept.team, ({ account_id }) => account_id !== account), done),
);
on("GET", "/audit", (kept, { query }) =>
  page(
    kept.audit.filter(
      (line) =>
        wants(query, "action", line.action) &&
        wants(query, "subject", line.subject) &&
        wants(query, "actor", line.actor.id) &&
        within(query, line.at),
    ),
    query,
  ),
);
on("GET", "/environment", (kept) => ({ body: { id: "env", name: kept.name, settings: kept.settings } }));
on("PATCH", "/environment", (kept, { body }) => {
  kept.settings = merge(kept.settings, body["settings"]) as Kept["settings"];
  return { body: { id: "env", name: kept.name, settings: kept.settings } };
});
on("GET", "/statistics", (kept, { query }) => ({ body: statsOf(kept, query) }));
