// Events, traces and deliveries, as the console's fake server answers them.

import { on, page, one, wants, within, problem, type Kept } from "./console-router.js";
import { runOf, traceOf } from "./console-trace.js";

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
