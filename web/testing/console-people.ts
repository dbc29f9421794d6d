// Users, tenants and their channel configs, as the console's fake server answers them.

import { makeId } from "./console-data.js";
import { choicesOf, config } from "./console-kept.js";
import { on, page, one, done, stamp, take, merge, type Kept } from "./console-router.js";
import { runOf } from "./console-trace.js";

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
