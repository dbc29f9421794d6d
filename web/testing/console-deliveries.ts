// Deliveries of the console's fake server, with what was sent and every try.

import {
  chance,
  makeId,
  pick,
  type Message,
  type Schemas,
  type WebhookDelivery,
  type World,
} from "./console-data.js";

const STATUSES: Schemas["DeliveryStatus"][] = [
  "sent",
  "sent",
  "sent",
  "delivered",
  "delivered",
  "delivered",
  "delivered",
  "skipped",
  "retrying",
  "exhausted",
  "failed",
  "pending",
];
const SKIPS = ["preference", "quiet_hours", "no_address", "channel_off", "condition", "throttle"];
const FAULTS: Record<string, string> = {
  retrying: "451 4.7.1 greylisted, try again later",
  exhausted: "Exhausted after 3 retries: connection timed out",
  failed: "550 5.1.1 no such user",
};

export function makeMessage(world: World, index: number): Message {
  const event = world.events[Math.floor(index / 3) % world.events.length]!;
  const channel = pick(["email", "email", "email", "slack", "teams"] as const, "channel", index);
  const status = index % 11 === 3 ? "exhausted" : pick(STATUSES, "status", index);
  const user = pick(world.users, "user", index);
  const at = Date.parse(event.created_at) - Math.floor(index / (3 * world.events.length)) * 86_400_000;
  const time = (seconds: number) => new Date(at + seconds * 1000).toISOString();
  const personal = channel === "email";
  const tried =
    status === "skipped" || status === "pending"
      ? 0
      : status === "exhausted"
        ? 4
        : status === "retrying"
          ? 2
          : 1;
  const error = status === "skipped" ? pick(SKIPS, "skip", index) : (FAULTS[status] ?? null);
  const finished = !["pending", "retrying", "sending"].includes(status);
  const sandboxed = chance("sandbox", index) < 0.3 && (status === "sent" || status === "delivered");
  return {
    id: makeId("dlv", index),
    channel,
    status,
    event_id: event.id,
    run_id: makeId("run", index),
    workflow: event.type === "observation.captured" ? "observation-captured" : "session-escalated",
    step: channel === "email" ? "mail" : channel,
    user_id: personal ? user.id : null,
    tenant: event.tenant ?? null,
    recipient:
      status === "skipped"
        ? null
        : personal
          ? (user.email ?? null)
          : `https://hooks.${channel}.example/…/${index % 7}`,
    provider: tried ? (sandboxed ? "sandbox" : personal ? "house" : channel) : null,
    provider_id: tried && finished && !error ? `<${index}@mail.example>` : null,
    attempts: tried,
    error,
    created_at: time(1),
    finished_at: finished ? time(2 + tried * 30) : null,
    next_attempt_at: status === "retrying" ? new Date(world.now + 95_000).toISOString() : null,
    content: status === "skipped" ? null : contentOf(channel, event, user.email ?? "someone@example.com"),
    callbacks:
      status === "delivered" && personal
        ? [{ aftermath: "delivered", created_at: time(9), detail: null }]
        : [],
    attempts_log: Array.from({ length: tried }, (_, number) => {
      const last = number === tried - 1;
      const good = last && (status === "sent" || status === "delivered");
      return {
        id: makeId("atm", `${index}.${number}`),
        number: number + 1,
        started_at: time(1 + number * 30),
        duration_ms: 90 + Math.floor(chance("took", index, number) * 700),
        outcome: good ? ("sent" as const) : status === "failed" ? ("failed" as const) : ("error" as const),
        status_code: null,
        error: good ? null : (FAULTS[status] ?? "connection timed out"),
        response: good ? "250 2.0.0 Ok: queued" : null,
      };
    }),
  };
}

function contentOf(channel: string, event: Schemas["EventView"], to: string): Record<string, unknown> {
  const data = event.data as Record<string, string>;
  const title =
    event.type === "observation.captured"
      ? `Deployment: score ${data["score"]}/100`
      : `Session escalated by ${data["engineer_name"]}`;
  const body =
    event.type === "observation.captured"
      ? "Topics: build, infra"
      : `Reason: ${data["escalation_reason"]}\nProblem: ${data["problem_summary"]}`;
  const link = `https://app.helpdesk.example/sessions/${data["session_id"] ?? ""}`;
  if (channel === "slack")
    return {
      text: title,
      blocks: [
        { type: "header", text: { type: "plain_text", text: `🔔 ${title}`, emoji: true } },
        { type: "section", text: { type: "mrkdwn", text: body.replace(/^(\w+):/gm, "*$1:*") } },
        { type: "context", elements: [{ type: "mrkdwn", text: `Tenant ${event.tenant} · <${link}|open>` }] },
        {
          type: "actions",
          elements: [
            {
              type: "button",
              style: "primary",
              text: { type: "plain_text", text: "Open in Help desk" },
              url: link,
            },
          ],
        },
      ],
    };
  if (channel === "teams")
    return {
      card: {
        type: "AdaptiveCard",
        version: "1.4",
        body: [
          { type: "TextBlock", text: title, weight: "Bolder", size: "Medium", wrap: true },
          { type: "TextBlock", text: body, wrap: true },
          {
            type: "FactSet",
            facts: [
              { title: "Tenant", value: event.tenant ?? "–" },
              { title: "Session", value: data["session_id"] ?? "–" },
            ],
          },
        ],
        actions: [{ type: "Action.OpenUrl", title: "Open in Help desk", url: link }],
      },
    };
  return {
    to,
    subject: `[Help desk] ${title}`,
    html: mail(title, body, link),
    text: `${title}\n\n${body}\n\n${link}\n`,
  };
}

export function mail(title: string, body: string, link: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><style>@media (prefers-color-scheme: dark) { .page { background: #101116 !important; color: #ececf1 !important } .card { background: #1a1c23 !important } }</style></head>` +
    `<body class="page" style="margin:0;background:#f4f5f7;color:#1b1d24;font:16px/1.55 system-ui,sans-serif"><div style="max-width:560px;margin:0 auto;padding:28px 20px">` +
    `<p style="margin:0 0 18px;font-weight:600;color:#4f5bd5">Help desk</p><div class="card" style="background:#fff;border-radius:12px;padding:24px"><h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">${title}</h1>` +
    `<p style="margin:0 0 20px;white-space:pre-line">${body}</p><a href="${link}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#4f5bd5;color:#fff;text-decoration:none;font-weight:600">Open the session</a></div>` +
    `<p style="margin:20px 0 0;font-size:13px;color:#6a7080">You get this because you are an admin of Acme Ltd. <a href="https://app.helpdesk.example/p" style="color:#6a7080">Notification settings</a></p></div></body></html>`
  );
}

export function makeWebhookDelivery(
  world: World,
  webhook: Schemas["WebhookView"],
  index: number,
): WebhookDelivery {
  const event = world.events[(index * 2) % world.events.length]!;
  const key = `${webhook.id}.${index}`;
  const dead = webhook.status === "disabled";
  const status: Schemas["DeliveryStatus"] = dead
    ? "exhausted"
    : webhook.health && webhook.health.failures > 0 && index < 5
      ? "retrying"
      : pick(["sent", "sent", "sent", "sent", "sent", "sent", "sent", "failed"] as const, key);
  const bad = status !== "sent";
  const code = dead ? 410 : status === "retrying" ? 503 : bad ? 400 : 200;
  const body = JSON.stringify({
    id: event.id,
    type: event.type,
    timestamp: event.created_at,
    version: "2026-02-07",
    data: event.data,
  });
  const answer = bad
    ? `{"error":"${code === 503 ? "upstream unavailable" : "unknown session"}"}`
    : `{"ok":true}`;
  const took = 20 + Math.floor(chance("took", key) * 300);
  const attempts = status === "retrying" ? 3 : 1;
  return {
    id: makeId("dlv", `w${key}`),
    event_id: event.id,
    event_type: event.type,
    status,
    status_code: code,
    attempts,
    duration_ms: took,
    error: bad ? `answered ${code}` : null,
    response: answer,
    created_at: event.created_at,
    finished_at: status === "retrying" ? null : event.created_at,
    next_attempt_at: status === "retrying" ? new Date(world.now + 240_000).toISOString() : null,
    attempts_log: Array.from({ length: attempts }, (_, number) => ({
      id: makeId("atm", `${key}.${number}`),
      number: number + 1,
      started_at: new Date(Date.parse(event.created_at) + number * 5_000).toISOString(),
      duration_ms: took + number,
      outcome: bad ? ("error" as const) : ("sent" as const),
      status_code: code,
      error: bad ? `answered ${code}` : null,
      response: answer,
    })),
    request: {
      url: webhook.url,
      headers: {
        "content-type": "application/json",
        "user-agent": "Campanile/0.1",
        "webhook-id": event.id,
        "webhook-timestamp": String(Math.floor(Date.parse(event.created_at) / 1000)),
      },
      body,
    },
  };
}
