// A product in the middle of its day, for pictures and for working on the elements by hand.

import type { FakeServer } from "./fake-server.js";

const HOUR = 3_600_000;

export function fillServer(server: FakeServer): void {
  feed(server);
  channels(server);
  server.preferences.document = {
    digest: { email: "daily at 09:00" },
    quiet_hours: { windows: [{ during: "22:00-07:00", on: ["mon", "tue", "wed", "thu", "fri"] }] },
  };
  webhooks(server);
}

function feed(server: FakeServer): void {
  const log = server.feed("ada");
  const crm = { id: "app_1", uid: "crm", name: "CRM" };
  const at = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();
  const read = [
    {
      title: "Weekly summary for Acme is ready",
      event: "report.completed",
      created_at: at(52),
      link: "/reports",
    },
    { title: "Ben Ortiz joined your workspace", event: "member.joined", created_at: at(30), link: "/people" },
    {
      title: "Your November invoice is ready",
      body: "€248.00 for 12 seats, due in 14 days.",
      event: "invoice.ready",
      created_at: at(26),
      link: "/billing",
    },
  ];
  for (const item of read) log.set(log.add(item).id, "read");
  for (const title of ["Deploy of docs finished", "Old proposal was closed"])
    log.set(log.add({ title, event: "deploy.finished", created_at: at(24) }).id, "dismissed");
  log.add({
    title: "New flow proposal: Reset a VPN profile",
    body: "Type: troubleshooting\nDomain: Networking",
    event: "proposal.pending",
    created_at: at(3),
    link: "/review-queue",
  });
  log.add({
    title: "Mara Lind commented on “Launch plan”",
    body: "Can we move the announcement to Thursday? Press is out on Wednesday and I would like them to have a day.",
    event: "comment.created",
    created_at: at(1.2),
    app: crm,
    link: "/docs/1",
    actions: [{ id: "reply", label: "Reply", url: "/docs/1#reply" }],
  });
  log.add({
    title: "Session escalated by Jonas Weber",
    body: "Reason: customer is blocked\nProblem: Checkout is answering slowly",
    event: "session.escalated",
    created_at: at(0.1),
    priority: "urgent",
    actions: [
      { id: "ack", label: "Acknowledge" },
      { id: "open", label: "Open session", url: "/pilot/1" },
    ],
  });
}

function channels(server: FakeServer): void {
  server.configs.add({ channel: "email", email_addresses: ["ops@acme.example", "oncall@acme.example"] });
  const slack = "https://hooks.slack.com/services/T024/B931/9mXk2Jq7Lw";
  server.configs.add({
    channel: "slack_webhook",
    webhook_url: slack,
    is_active: false,
    events_enabled: { "session.escalated": true, "session.high_priority": true },
  });
  server.configs.choices.channels[2] = {
    channel: "teams_webhook",
    label: "Microsoft Teams",
    available: false,
    reason: "Your plan doesn’t include Microsoft Teams",
  };
}

function webhooks({ webhooks }: FakeServer): void {
  const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();
  const gone = webhooks.add(
    { url: "https://old.acme.example/hooks", description: "Retired importer" },
    { status: "disabled", disabled_at: ago(20), disabled_reason: "100 attempts in a row failed" },
  );
  gone.health = { failures: 100, first_failure_at: ago(90), last_failure_at: ago(20) };
  const paused = { url: "https://staging.acme.example/campanile", event_types: ["sync.completed"] };
  webhooks.add(paused, { status: "paused" });
  const main = webhooks.add({
    url: "https://api.acme.example/webhooks/campanile",
    description: "Feeds the data warehouse",
    event_types: ["observation.created", "source.connected", "source.disconnected", "sync.completed"],
    rate_limit: 50,
  });
  main.health = { failures: 2, first_failure_at: ago(0.4), last_failure_at: ago(0.2) };
  const refused = {
    status_code: 503,
    response: "upstream connect error",
    error: "HTTP 503",
    duration_ms: 1204,
  };
  webhooks.deliver(main, "source.disconnected", "exhausted", [
    { status_code: null, error: "connection timed out", duration_ms: 15_000, outcome: "error" },
    { ...refused },
    { ...refused, duration_ms: 611 },
  ]);
  for (const type of ["sync.completed", "observation.created", "source.connected"])
    webhooks.deliver(main, type, "sent", [{ duration_ms: 60 + type.length * 3 }]);
  webhooks.deliver(main, "observation.created", "failed", [
    { status_code: 410, response: "Gone", error: "HTTP 410", duration_ms: 41 },
  ]);
  webhooks.deliver(main, "sync.completed", "retrying", [{ ...refused }, { ...refused, duration_ms: 87 }]);
  webhooks.deliver(main, "observation.created", "sent", [{ duration_ms: 73 }]);
}
