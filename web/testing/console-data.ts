// What the console's fake server keeps: a help desk with its people, events and deliveries. Everything follows from
// the seed and from `now`, so that two servers that began at the same time say the same.

import type { components } from "../client/src/schema.js";
import { WORKFLOWS, TEMPLATES } from "./console-workflows.js";

export type Schemas = components["schemas"];
export type Message = Schemas["FullMessageView"];
export type WebhookDelivery = Schemas["FullDeliveryView"] & {
  request: { url: string; headers: Record<string, string>; body: string } | null;
};

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A number between 0 and 1 that belongs to these words. */
export function chance(...words: Array<string | number>): number {
  let hash = 2166136261;
  for (const char of words.join(":")) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
export function pick<T>(from: readonly T[], ...words: Array<string | number>): T {
  return from[Math.floor(chance(...words) * from.length)]!;
}
export function makeId(prefix: string, number: number | string): string {
  let text = "";
  for (let at = 0; at < 24; at += 1) text += ALPHABET[Math.floor(chance(prefix, number, at) * 62)];
  return `${prefix}_2uX${text}`;
}

const NAMES = (
  "Ada Lindqvist,Bruno Keller,Chika Obi,Dana Petrov,Elif Aydin,Farid Haddad,Greta Nyström,Hugo Alvarez,Ines Okafor,Jonas Weber," +
  "Keiko Tanaka,Liam Byrne,Mara Lind,Noor Rahman,Otto Brandt,Priya Nair,Quentin Roux,Rosa Marin,Sven Dahl,Tove Holm," +
  "Uma Krishnan,Viktor Sokol,Wanda Zielinska,Xiu Chen,Yusuf Demir,Zora Novak"
).split(",");
export const TENANTS: Array<[string, string]> = [
  ["acme", "Acme Ltd"],
  ["globex", "Globex"],
  ["initech", "Initech"],
  ["umbra", "Umbra Labs"],
  ["northwind", "Northwind"],
];
const TYPES = [
  "session.escalated",
  "session.high_priority",
  "proposal.pending",
  "proposal.approved",
  "knowledge_gap.detected",
  "observation.captured",
];
const ROLES = ["owner", "admin", "member"] as const;

export interface World {
  now: number;
  users: Schemas["UserView"][];
  tenants: Schemas["TenantView"][];
  members: Map<string, Schemas["MemberView"][]>;
  apps: Schemas["AppView"][];
  webhooks: Schemas["WebhookView"][];
  eventTypes: Schemas["EventTypeView"][];
  events: Schemas["EventView"][];
  messages: Message[];
  webhookDeliveries: Map<string, WebhookDelivery[]>;
  workflows: Schemas["WorkflowView"][];
  versions: Map<string, Array<{ version: number; created_at: string; spec: Record<string, unknown> }>>;
  templates: Schemas["TemplateView"][];
}

export function emptyWorld(now: number): World {
  return {
    now,
    users: [],
    tenants: [],
    members: new Map(),
    apps: [],
    webhooks: [],
    eventTypes: [],
    events: [],
    messages: [],
    webhookDeliveries: new Map(),
    workflows: [],
    versions: new Map(),
    templates: [],
  };
}

export function makeWorld(now: number, deliveries: number): World {
  const world = emptyWorld(now);
  const before = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  const day = 86_400;
  world.users = NAMES.map((name, index) => {
    const id = name.split(" ")[0]!.toLowerCase();
    return {
      id,
      name,
      email: index === 24 ? null : `${id}@${pick(TENANTS, id)[0]}.example`,
      phone: null,
      locale: pick(["en", "de", "sv", "en-GB"], id, "locale"),
      time_zone: pick(["Europe/Berlin", "Europe/Stockholm", "America/New_York", "Asia/Tokyo"], id, "zone"),
      active: index !== 21,
      metadata: { plan: pick(["team", "business"], id) },
      created_at: before((index + 3) * 9 * day),
      updated_at: before((index + 1) * day),
    };
  });
  world.tenants = TENANTS.map(([id, name], index) => ({
    id,
    name,
    metadata: { plan: pick(["team", "business"], id) },
    created_at: before((200 - index * 21) * day),
    updated_at: before((index + 2) * day),
  }));
  for (const [tenant] of TENANTS) {
    const own = world.users.filter(
      ({ id }) => chance(tenant, id) < 0.45 || (tenant === "acme" && /^(ada|bruno|chika|dana)$/.test(id)),
    );
    world.members.set(
      tenant,
      own.map(({ id: user_id }, index) => ({
        user_id,
        role: ROLES[Math.min(index, 2)]!,
        created_at: before((90 - index) * day),
      })),
    );
  }
  world.apps = [
    {
      id: makeId("app", 0),
      uid: "helpdesk",
      name: "Help desk",
      metadata: null,
      tenant: null,
      created_at: before(210 * day),
      updated_at: before(4 * day),
    },
    {
      id: makeId("app", 1),
      uid: "observatory",
      name: "Observatory",
      metadata: null,
      tenant: null,
      created_at: before(120 * day),
      updated_at: before(9 * day),
    },
    {
      id: makeId("app", 2),
      uid: null,
      name: "Acme Ltd",
      metadata: null,
      tenant: "acme",
      created_at: before(80 * day),
      updated_at: before(80 * day),
    },
  ];
  world.webhooks = makeWebhooks(world, before);
  world.eventTypes = TYPES.map((name, index) => ({
    name,
    category: name.split(".")[0]!,
    description: `Sent when ${name.replace(".", " was ").replaceAll("_", " ")}.`,
    version: "2026-02-07",
    visibility: index === 5 ? "internal" : "app",
    public_name: index === 5 ? "observation.created" : null,
    public_fields: index === 5 ? ["observationId", "score", "topics"] : null,
    schema: schemaOf(name),
    created_at: before((100 - index) * day),
    updated_at: before((40 - index) * day),
  }));
  world.workflows = WORKFLOWS.map((spec, index) => ({
    key: String(spec["key"]),
    version: 3 + (index % 3),
    spec,
    created_at: before((100 - index) * day),
    updated_at: before((index + 1) * 2 * day),
  }));
  for (const { key, version, spec } of world.workflows) {
    const all = Array.from({ length: version }, (_, index) => ({
      version: index + 1,
      created_at: before((version - index) * 6 * day),
      spec: index + 1 === version ? spec : older(spec, index),
    }));
    world.versions.set(key, all.reverse());
  }
  world.templates = TEMPLATES.map(([name, source], index) => ({
    name,
    source,
    created_at: before(90 * day),
    updated_at: before((index + 5) * day),
  }));
  world.events = Array.from({ length: 420 }, (_, index) =>
    makeEvent(world, index, before(index === 0 ? 14 : index * 171 + chance("gap", index) * 90)),
  );
  world.messages = Array.from({ length: deliveries }, (_, index) => makeMessage(world, index));
  for (const webhook of world.webhooks) {
    const count = webhook.status === "disabled" ? 40 : 160;
    world.webhookDeliveries.set(
      webhook.id,
      Array.from({ length: count }, (_, index) => makeWebhookDelivery(world, webhook, index)),
    );
  }
  return world;
}

function older(spec: Record<string, unknown>, index: number): Record<string, unknown> {
  const steps = (spec["steps"] as unknown[] | undefined) ?? [];
  return {
    ...spec,
    name: index === 0 ? String(spec["key"]) : spec["name"],
    steps: steps.slice(0, Math.max(1, steps.length - 1)),
  };
}

function makeWebhooks(world: World, before: (seconds: number) => string): Schemas["WebhookView"][] {
  const rows: Array<[number, string, Schemas["WebhookView"]["status"], string, number]> = [
    [0, "https://hooks.acme.example/campanile", "active", "Ticket sync", 0],
    [0, "https://automation.globex.example/in/7f21", "active", "", 7],
    [0, "https://old.initech.example/webhook", "disabled", "The old CRM", 100],
    [1, "https://observe.umbra.example/ingest", "active", "Warehouse", 0],
    [2, "https://acme.example/hooks/incoming", "paused", "Set up by Ada", 0],
  ];
  return rows.map(([app, url, status, description, failures], index) => ({
    id: makeId("ep", index),
    app_id: world.apps[app]!.id,
    url,
    description,
    status,
    event_types: index === 0 ? null : ["session.escalated", "proposal.approved"].slice(0, 1 + (index % 2)),
    rate_limit: index === 1 ? 10 : null,
    retry_policy: index === 1 ? "five" : "long",
    health: {
      failures,
      first_failure_at: failures ? before(86_400) : null,
      last_failure_at: failures ? before(340) : null,
    },
    disabled_at: status === "disabled" ? before(7_200) : null,
    disabled_reason: status === "disabled" ? "100 attempts in a row failed" : null,
    created_at: before((60 + index) * 86_400),
    updated_at: before(index * 86_400),
  }));
}

function schemaOf(name: string): Record<string, unknown> {
  const observation = {
    observationId: { type: "string", examples: ["obs_812"] },
    score: { type: "number", minimum: 0, maximum: 100 },
    topics: { type: "array", items: { type: "string" } },
    workspaceId: { type: "string" },
  };
  const session = {
    session_id: { type: "string", description: "The session in the help desk", examples: ["S-4711"] },
    engineer_name: { type: ["string", "null"], examples: ["Mara Lind"] },
    escalation_reason: { type: "string", enum: ["no access", "customer asked", "out of time"] },
    problem_summary: { type: "string" },
  };
  const properties = name.startsWith("observation") ? observation : session;
  return { type: "object", required: Object.keys(properties).slice(0, 2), properties };
}

const REASONS = ["customer asked", "no access", "out of time"];
const PROBLEMS = [
  "VPN drops every hour",
  "Mailbox over quota",
  "Printer offline after update",
  "SSO loop on sign-in",
  "Backup job stuck at 98 %",
];

export function dataOf(type: string, index: number): Record<string, unknown> {
  if (type === "observation.captured")
    return {
      observationId: `obs_${800 - index}`,
      kind: pick(["deployment", "incident", "release"], index),
      score: index % 9 === 2 ? 55 : 70 + (index % 30),
      topics: ["build", "infra"].slice(index % 2),
      workspaceId: "w1",
    };
  return {
    session_id: `S-${4800 - index}`,
    engineer_name: pick(NAMES, "engineer", index),
    escalation_reason: pick(REASONS, index),
    problem_summary: pick(PROBLEMS, index),
  };
}

export function makeEvent(world: World, index: number, at: string): Schemas["EventView"] {
  const type =
    index === 0 ? "session.escalated" : index === 2 ? "observation.captured" : pick(TYPES, "type", index);
  const isObservation = type === "observation.captured";
  return {
    id: makeId("evt", index),
    type,
    category: type.split(".")[0]!,
    app_id: world.apps[isObservation ? 1 : 0]!.id,
    tenant: index === 0 ? "acme" : pick(TENANTS, "tenant", index)[0],
    entity: isObservation
      ? { type: "observation", id: `obs_${800 - index}` }
      : { type: "session", id: `S-${4800 - index}` },
    external_id: null,
    users: [],
    data: dataOf(type, index),
    occurred_at: at,
    created_at: at,
  };
}

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

function makeWebhookDelivery(world: World, webhook: Schemas["WebhookView"], index: number): WebhookDelivery {
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
