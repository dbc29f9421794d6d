// What the console's fake server keeps: a help desk with its people, events and deliveries. Everything follows from
// the seed and from `now`, so that two servers that began at the same time say the same.

import type { components } from "../client/src/schema.js";
import { makeMessage, makeWebhookDelivery } from "./console-deliveries.js";
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
